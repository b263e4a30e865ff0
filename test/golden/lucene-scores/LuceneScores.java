import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.ByteBuffersDirectory;

/**
 * Hits and scores that Lucene gives: {@code LuceneScores documents.tsv queries.txt}.
 *
 * <p>A document is a line {@code id, title, body, tags} with tabs between; empty fields are left out, tags are separated by
 * commas. A query is a line of ours, a tab, and the same as nested lists. Out comes, a line a query: total, then
 * {@code id=score} of every hit.
 */
public final class LuceneScores {
  private static final Map<String, Occur> OCCUR = Map.of("+", Occur.MUST, "-", Occur.MUST_NOT, "?", Occur.SHOULD);

  public static void main(String[] arguments) throws Exception {
    try (Analyzer analyzer = new StandardAnalyzer();
        ByteBuffersDirectory directory = new ByteBuffersDirectory()) {
      try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig(analyzer))) {
        for (String line : Files.readAllLines(Path.of(arguments[0]), StandardCharsets.UTF_8)) writer.addDocument(document(line));
        writer.forceMerge(1);
      }
      IndexSearcher searcher = new IndexSearcher(DirectoryReader.open(directory));
      searcher.setSimilarity(new BM25Similarity());
      for (String line : Files.readAllLines(Path.of(arguments[1]), StandardCharsets.UTF_8)) {
        String text = line.substring(line.indexOf('\t') + 1).replace("(", " ( ").replace(")", " ) ").trim();
        Query query = query(new ArrayDeque<>(Arrays.asList(text.split(" +"))));
        TopDocs found = searcher.search(query, new TopScoreDocCollectorManager(100_000, null, Integer.MAX_VALUE));
        StringBuilder out = new StringBuilder(Long.toString(found.totalHits.value()));
        for (ScoreDoc hit : found.scoreDocs) {
          out.append(' ').append(searcher.storedFields().document(hit.doc).get("id")).append('=').append(hit.score);
        }
        System.out.println(out);
      }
    }
  }

  private static Document document(String line) {
    String[] fields = line.split("\t", -1);
    Document document = new Document();
    document.add(new StringField("id", fields[0], Field.Store.YES));
    if (!fields[1].isEmpty()) document.add(new TextField("title", fields[1], Field.Store.NO));
    if (!fields[2].isEmpty()) document.add(new TextField("body", fields[2], Field.Store.NO));
    for (String tag : fields[3].split(",")) {
      if (!tag.isEmpty()) document.add(new StringField("tags", tag, Field.Store.NO));
    }
    return document;
  }

  private static Query query(Deque<String> words) {
    words.pop();
    String kind = words.pop();
    Query query =
        switch (kind) {
          case "t" -> new TermQuery(new Term(words.pop(), words.pop()));
          case "prefix" -> new PrefixQuery(new Term(words.pop(), words.pop()));
          case "all" -> MatchAllDocsQuery.INSTANCE;
          case "boost" -> boost(words);
          case "p" -> phrase(words);
          default -> bool(words);
        };
    words.pop();
    return query;
  }

  private static Query boost(Deque<String> words) {
    float boost = Float.parseFloat(words.pop());
    return new BoostQuery(query(words), boost);
  }

  private static Query phrase(Deque<String> words) {
    String field = words.pop();
    int slop = Integer.parseInt(words.pop());
    List<String> terms = new ArrayList<>();
    while (!words.peek().equals(")")) terms.add(words.pop());
    return new PhraseQuery(slop, field, terms.toArray(String[]::new));
  }

  private static Query bool(Deque<String> words) {
    BooleanQuery.Builder builder = new BooleanQuery.Builder();
    while (!words.peek().equals(")")) {
      Occur occur = OCCUR.get(words.pop());
      builder.add(query(words), occur);
    }
    return builder.build();
  }
}
