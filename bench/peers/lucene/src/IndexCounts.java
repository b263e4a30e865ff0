import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.StringJoiner;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.Terms;
import org.apache.lucene.store.FSDirectory;

/** What a finished index says of itself; the maps are JSON by field. */
record IndexCounts(int docs, String tokens, String terms, String docFreq) {
  private static final List<String> TEXT = List.of("name", "summary");

  /** Reads the index anew; it has to be one segment. */
  static IndexCounts of(Path index, List<String> probes) throws IOException {
    try (FSDirectory directory = FSDirectory.open(index);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      if (reader.leaves().size() != 1) throw new IOException(reader.leaves().size() + " segments instead of one");
      LeafReader leaf = reader.leaves().get(0).reader();
      StringJoiner tokens = new StringJoiner(",", "{", "}");
      StringJoiner terms = new StringJoiner(",", "{", "}");
      StringJoiner docFreq = new StringJoiner(",", "{", "}");
      for (String field : TEXT) {
        Terms all = leaf.terms(field);
        tokens.add("\"" + field + "\":" + (all == null ? 0 : all.getSumTotalTermFreq()));
        terms.add("\"" + field + "\":" + (all == null ? 0 : all.size()));
        StringJoiner words = new StringJoiner(",", "{", "}");
        for (String word : probes) words.add("\"" + word + "\":" + leaf.docFreq(new Term(field, word)));
        docFreq.add("\"" + field + "\":" + words);
      }
      return new IndexCounts(leaf.numDocs(), tokens.toString(), terms.toString(), docFreq.toString());
    }
  }
}
