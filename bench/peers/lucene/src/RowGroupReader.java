import dev.hardwood.HardwoodContext;
import dev.hardwood.InputFile;
import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.reader.ColumnReader;
import dev.hardwood.reader.ColumnReaders;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowGroupPredicate;
import dev.hardwood.reader.Validity;
import dev.hardwood.schema.ColumnProjection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KeywordField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.util.BytesRef;

/**
 * Decodes row groups and adds their rows to a writer, for one thread.
 *
 * <p>It has a decoder of one thread to itself and waits for it, so that N of these keep N cores busy, not more. A batch is a whole row
 * group, as is a decoded page in the other programs.
 */
final class RowGroupReader implements AutoCloseable {
  /** A row group of a file. */
  record Place(Path file, long startByte, long endByte, int rows) {}

  private static final ColumnProjection COLUMNS =
      ColumnProjection.columns("package", "name", "summary", "keywords", "version", "downloads");

  private final IndexWriter writer;
  private final HardwoodContext context = HardwoodContext.create(1);

  // Reused for all documents: making them anew is what the documentation advises against.
  private final List<IndexableField> document = new ArrayList<>();
  private final Field id = new StringField("package", "", Field.Store.YES);
  private final Field name = new TextField("name", "", Field.Store.NO);
  private final Field summary = new TextField("summary", "", Field.Store.NO);
  private final Field version = new KeywordField("version", new BytesRef(), Field.Store.NO);
  private final Field downloads = new NumericDocValuesField("downloads", 0);
  private final List<Field> keywords = new ArrayList<>();

  RowGroupReader(IndexWriter writer) {
    this.writer = writer;
  }

  /** Where the row groups of a file lie. */
  static List<Place> placesOf(Path file) throws IOException {
    try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file))) {
      List<Place> places = new ArrayList<>();
      for (RowGroup group : reader.getFileMetaData().rowGroups()) {
        long start = group.columns().get(0).chunkStartOffset();
        long bytes = 0;
        for (ColumnChunk chunk : group.columns()) bytes += chunk.metaData().totalCompressedSize();
        places.add(new Place(file, start, start + bytes, (int) group.numRows()));
      }
      return places;
    }
  }

  /** Decodes a row group and adds its rows. */
  void add(Place place) throws IOException {
    try (ParquetFileReader file = ParquetFileReader.open(InputFile.of(place.file()), context);
        ColumnReaders columns =
            file.buildColumnReaders(COLUMNS)
                .filter(RowGroupPredicate.byteRange(place.startByte(), place.endByte()))
                .batchSize(place.rows())
                .build()) {
      int rows = 0;
      while (columns.nextBatch()) {
        addBatch(columns);
        rows += columns.getRecordCount();
      }
      if (rows != place.rows()) throw new IOException(rows + " rows instead of " + place.rows());
    }
  }

  private void addBatch(ColumnReaders columns) throws IOException {
    Texts ids = new Texts(columns.getColumnReader("package"));
    Texts names = new Texts(columns.getColumnReader("name"));
    Texts summaries = new Texts(columns.getColumnReader("summary"));
    Texts versions = new Texts(columns.getColumnReader("version"));
    ColumnReader downloadReader = columns.getColumnReader("downloads");
    long[] numbers = downloadReader.getLongs();
    Validity numberValidity = downloadReader.getLeafValidity();
    ColumnReader keywordReader = columns.getColumnReader("keywords.list.item");
    Texts words = new Texts(keywordReader);
    int[] wordOffsets = keywordReader.getLayerOffsets(0);
    for (int row = 0; row < columns.getRecordCount(); row++) {
      document.clear();
      id.setStringValue(ids.text(row));
      document.add(id);
      if (names.has(row)) addText(name, names.text(row));
      if (summaries.has(row)) addText(summary, summaries.text(row));
      if (versions.has(row)) addKeyword(version, versions.bytes(row));
      for (int i = wordOffsets[row]; i < wordOffsets[row + 1]; i++) {
        if (words.has(i)) addKeyword(keyword(i - wordOffsets[row]), words.bytes(i));
      }
      if (numberValidity.isNotNull(row)) {
        downloads.setLongValue(numbers[row]);
        document.add(downloads);
      }
      writer.addDocument(document);
    }
  }

  private void addText(Field field, String value) {
    field.setStringValue(value);
    document.add(field);
  }

  private void addKeyword(Field field, BytesRef value) {
    field.setBytesValue(value);
    document.add(field);
  }

  private Field keyword(int i) {
    if (i == keywords.size()) keywords.add(new KeywordField("keywords", new BytesRef(), Field.Store.NO));
    return keywords.get(i);
  }

  @Override
  public void close() {
    context.close();
  }

  /** The strings of a batch, in the reader's own arrays. */
  private static final class Texts {
    private final byte[] values;
    private final int[] offsets;
    private final Validity validity;

    Texts(ColumnReader reader) {
      values = reader.getBinaryValues();
      offsets = reader.getBinaryOffsets();
      validity = reader.getLeafValidity();
    }

    boolean has(int i) {
      return validity.isNotNull(i);
    }

    String text(int i) {
      return new String(values, offsets[i], offsets[i + 1] - offsets[i], StandardCharsets.UTF_8);
    }

    BytesRef bytes(int i) {
      return new BytesRef(values, offsets[i], offsets[i + 1] - offsets[i]);
    }
  }
}
