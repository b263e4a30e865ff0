import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.IntPredicate;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.OffsetAttribute;

/**
 * What Lucene's StandardAnalyzer, without stop words, makes of texts.
 *
 * <p>{@code tokens}: one text a line as base64 of UTF-8 in, its tokens the same way out, a space apart.
 *
 * <p>{@code code-points TEMPLATE}: TEMPLATE is base64 of UTF-8, U+FFFF in it stands for every code point in turn; out come
 * lines {@code first code point, in hex: spans}, spans being {@code begin-end} in code points of the filled template, one
 * line wherever they change. Then what Java's Character says, as lines {@code lower from to}, and as half-open ranges
 * {@code letterOrDigit begin end} and {@code whitespace begin end}.
 */
public final class LuceneTokens {
  public static void main(String[] arguments) throws Exception {
    try (Analyzer analyzer = new StandardAnalyzer();
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8)) {
      if (arguments[0].equals("tokens")) {
        writeTokens(analyzer, out);
      } else {
        writeSpans(analyzer, decode(arguments[1]), out);
        writeCharacters(out);
      }
    }
  }

  private static String decode(String line) {
    return new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8);
  }

  private static void writeTokens(Analyzer analyzer, PrintStream out) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      StringBuilder tokens = new StringBuilder();
      try (TokenStream stream = analyzer.tokenStream("text", decode(line))) {
        CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
        stream.reset();
        while (stream.incrementToken()) {
          if (tokens.length() > 0) tokens.append(' ');
          tokens.append(Base64.getEncoder().encodeToString(term.toString().getBytes(StandardCharsets.UTF_8)));
        }
        stream.end();
      }
      out.println(tokens);
    }
  }

  private static void writeSpans(Analyzer analyzer, String template, PrintStream out) throws Exception {
    String last = "";
    for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
      if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) continue;
      String text = template.replace("\uFFFF", Character.toString(codePoint));
      StringBuilder spans = new StringBuilder();
      try (TokenStream stream = analyzer.tokenStream("text", text)) {
        OffsetAttribute offset = stream.addAttribute(OffsetAttribute.class);
        stream.reset();
        while (stream.incrementToken()) {
          if (spans.length() > 0) spans.append(' ');
          spans.append(text.codePointCount(0, offset.startOffset())).append('-');
          spans.append(text.codePointCount(0, offset.endOffset()));
        }
        stream.end();
      }
      if (!spans.toString().equals(last)) {
        last = spans.toString();
        out.println(Integer.toHexString(codePoint) + ": " + last);
      }
    }
  }

  private static void writeCharacters(PrintStream out) {
    for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
      int lower = Character.toLowerCase(codePoint);
      if (lower != codePoint) out.printf("lower %x %x%n", codePoint, lower);
    }
    writeRanges("letterOrDigit", LuceneTokens::isLetterOrNumber, out);
    writeRanges("whitespace", Character::isWhitespace, out);
  }

  private static boolean isLetterOrNumber(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.UPPERCASE_LETTER, Character.LOWERCASE_LETTER, Character.TITLECASE_LETTER,
          Character.MODIFIER_LETTER, Character.OTHER_LETTER, Character.DECIMAL_DIGIT_NUMBER,
          Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
      default -> false;
    };
  }

  private static void writeRanges(String name, IntPredicate belongs, PrintStream out) {
    for (int end = 0; end <= Character.MAX_CODE_POINT; end++) {
      int begin = end;
      while (end <= Character.MAX_CODE_POINT && belongs.test(end)) end++;
      if (end > begin) out.printf("%s %x %x%n", name, begin, end);
    }
  }
}
