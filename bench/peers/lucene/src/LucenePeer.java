import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.lucene.util.Version;

/**
 * One timed build for every line `run` on standard input, told as one line of JSON.
 *
 * <p>LucenePeer --source FOLDER --index FOLDER --threads N [--analyzer standard|simple] [--probes w1,w2,..]
 */
public final class LucenePeer {
  private LucenePeer() {}

  public static void main(String[] args) {
    try {
      serve(options(args));
    } catch (Exception error) {
      error.printStackTrace();
      System.exit(1);
    }
  }

  private static void serve(Map<String, String> options) throws Exception {
    int threads = Integer.parseInt(options.get("threads"));
    String analyzer = options.getOrDefault("analyzer", "standard");
    Path source = Path.of(options.get("source"));
    Path index = Path.of(options.get("index"));
    String probes = options.getOrDefault("probes", "");
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (!line.equals("run")) throw new IllegalArgumentException("expected `run`, got `" + line + "`");
      remove(index);
      Files.createDirectories(index);
      long cpuBefore = ProcessFigures.cpuMs();
      IndexBuild.Timings timings = IndexBuild.run(parquetFiles(source), index, threads, analyzer);
      long cpuMs = ProcessFigures.cpuMs() - cpuBefore;
      List<String> words = probes.isEmpty() ? List.of() : List.of(probes.split(","));
      out.println(report(threads, timings, cpuMs, bytesOf(index), IndexCounts.of(index, words)));
    }
  }

  private static Map<String, String> options(String[] args) {
    Map<String, String> options = new TreeMap<>();
    for (int i = 0; i < args.length; i += 2) {
      if (!args[i].startsWith("--") || i + 1 == args.length) throw new IllegalArgumentException("unexpected " + args[i]);
      options.put(args[i].substring(2), args[i + 1]);
    }
    for (String name : List.of("source", "index", "threads")) {
      if (!options.containsKey(name)) throw new IllegalArgumentException("--" + name + " is missing");
    }
    return options;
  }

  private static List<Path> parquetFiles(Path source) throws IOException {
    try (Stream<Path> walk = Files.walk(source)) {
      List<Path> files = walk.filter(path -> path.toString().endsWith(".parquet")).sorted().toList();
      if (files.isEmpty()) throw new IOException("no Parquet file under " + source);
      return files;
    }
  }

  private static void remove(Path folder) throws IOException {
    if (!Files.exists(folder)) return;
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
    }
  }

  private static long bytesOf(Path folder) throws IOException {
    long bytes = 0;
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path path : walk.filter(Files::isRegularFile).toList()) bytes += Files.size(path);
    }
    return bytes;
  }

  private static String report(int threads, IndexBuild.Timings timings, long cpuMs, long bytes, IndexCounts counts)
      throws IOException {
    String notes = "a row group is decoded by its indexing thread's own decoder, one at a time; JIT and GC threads come on top";
    return String.format(
        Locale.ROOT,
        "{\"program\":\"lucene\",\"version\":\"%s\",\"threads\":%d,\"ms\":%.1f,\"cpuMs\":%d,\"indexBytes\":%d,\"docs\":%d,"
            + "\"tokens\":%s,\"terms\":%s,\"docFreq\":%s,\"phases\":{\"add\":%.1f,\"flush\":%.1f,\"merge\":%.1f,\"commit\":%.1f},"
            + "\"peakBytes\":%d,\"notes\":\"%s\"}",
        Version.LATEST, threads, timings.totalMs(), cpuMs, bytes, counts.docs(), counts.tokens(), counts.terms(),
        counts.docFreq(), timings.addMs(), timings.flushMs(), timings.mergeMs(), timings.commitMs(),
        ProcessFigures.peakBytes(), notes);
  }
}
