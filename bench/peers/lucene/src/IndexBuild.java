import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.analysis.util.CharTokenizer;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.TieredMergePolicy;
import org.apache.lucene.store.FSDirectory;

/**
 * One build from Parquet files to a committed index of one segment, opened once.
 *
 * <p>Tuned as the documentation advises for bulk indexing: one writer shared by all threads, a buffer that is never full, so that each
 * thread flushes one segment, no compound files, no merge before the last one, reused documents and fields.
 */
final class IndexBuild {
  /** The whole corpus fits; a thread's part must stay below the 1,945 MB of the writer's own limit. */
  private static final double BUFFER_MB = 1500;

  record Timings(double totalMs, double addMs, double flushMs, double mergeMs, double commitMs) {}

  private IndexBuild() {}

  static Timings run(List<Path> files, Path index, int threads, String analyzerName) throws Exception {
    long start = System.nanoTime();
    long added;
    long flushed;
    long merged;
    try (FSDirectory directory = FSDirectory.open(index);
        IndexWriter writer = new IndexWriter(directory, config(analyzerName))) {
      addAll(files, writer, threads);
      added = System.nanoTime();
      writer.flush();
      flushed = System.nanoTime();
      TieredMergePolicy policy = new TieredMergePolicy();
      policy.setNoCFSRatio(0);
      writer.getConfig().setMergePolicy(policy);
      writer.forceMerge(1);
      merged = System.nanoTime();
      writer.commit();
    }
    try (FSDirectory directory = FSDirectory.open(index);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      if (reader.numDocs() == 0) throw new IOException("an index without documents");
    }
    long end = System.nanoTime();
    return new Timings(ms(start, end), ms(start, added), ms(added, flushed), ms(flushed, merged), ms(merged, end));
  }

  private static IndexWriterConfig config(String analyzerName) {
    IndexWriterConfig config = new IndexWriterConfig(analyzer(analyzerName));
    config.setOpenMode(IndexWriterConfig.OpenMode.CREATE);
    config.setUseCompoundFile(false);
    config.setMaxBufferedDocs(IndexWriterConfig.DISABLE_AUTO_FLUSH);
    config.setRAMBufferSizeMB(BUFFER_MB);
    config.setMergePolicy(NoMergePolicy.INSTANCE);
    config.setCommitOnClose(false);
    return config;
  }

  /** `standard` has no stop words unless they are asked for; `simple` is runs of letters and digits. */
  private static Analyzer analyzer(String name) {
    if (name.equals("standard")) return new StandardAnalyzer();
    if (!name.equals("simple")) throw new IllegalArgumentException("no such analyzer: " + name);
    return new Analyzer() {
      @Override
      protected TokenStreamComponents createComponents(String field) {
        Tokenizer tokenizer = CharTokenizer.fromTokenCharPredicate(Character::isLetterOrDigit);
        return new TokenStreamComponents(tokenizer, new LowerCaseFilter(tokenizer));
      }
    };
  }

  /** Each thread takes the next row group that nobody has, until there is none. */
  private static void addAll(List<Path> files, IndexWriter writer, int threads) throws Exception {
    List<RowGroupReader.Place> places = new ArrayList<>();
    for (Path file : files) places.addAll(RowGroupReader.placesOf(file));
    AtomicInteger next = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        running.add(
            pool.submit(
                () -> {
                  try (RowGroupReader reader = new RowGroupReader(writer)) {
                    for (int at = next.getAndIncrement(); at < places.size(); at = next.getAndIncrement()) {
                      reader.add(places.get(at));
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> future : running) future.get();
    } finally {
      pool.shutdownNow();
    }
  }

  private static double ms(long from, long to) {
    return (to - from) / 1e6;
  }
}
