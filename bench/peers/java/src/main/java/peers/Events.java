package peers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TimeStampNanoVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;

/** A record batch that lies in Arrow's memory, and its rows as JSON. */
final class Events {
  /** What becomes one record. Jackson writes an Instant with a Z. */
  record Event(
      long id, Instant ts, String user, String country, double amount, int qty, boolean flag, String note) {}

  private static final ObjectWriter WRITER =
      JsonMapper.builder()
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .build()
          .writerFor(Event.class);

  final int rows;
  private final BigIntVector id;
  private final TimeStampNanoVector ts;
  private final VarCharVector user;
  private final VarCharVector country;
  private final Float8Vector amount;
  private final IntVector qty;
  private final BitVector flag;
  private final VarCharVector note;

  private Events(VectorSchemaRoot batch, int rows) {
    this.rows = rows;
    id = (BigIntVector) batch.getVector("id");
    ts = (TimeStampNanoVector) batch.getVector("ts");
    user = (VarCharVector) batch.getVector("user");
    country = (VarCharVector) batch.getVector("country");
    amount = (Float8Vector) batch.getVector("amount");
    qty = (IntVector) batch.getVector("qty");
    flag = (BitVector) batch.getVector("flag");
    note = (VarCharVector) batch.getVector("note");
  }

  byte[] json(int row) throws JsonProcessingException {
    long nanoseconds = ts.get(row);
    return WRITER.writeValueAsBytes(
        new Event(
            id.get(row),
            Instant.ofEpochSecond(
                Math.floorDiv(nanoseconds, 1_000_000_000L), Math.floorMod(nanoseconds, 1_000_000_000L)),
            text(user, row),
            text(country, row),
            amount.get(row),
            qty.get(row),
            flag.get(row) != 0,
            note.isNull(row) ? null : text(note, row)));
  }

  private static String text(VarCharVector column, int row) {
    return new String(column.get(row), StandardCharsets.UTF_8);
  }

  /** The first rows of an Arrow stream. */
  static List<Events> load(String path, long rows) throws IOException {
    List<Events> batches = new ArrayList<>();
    RootAllocator allocator = new RootAllocator();
    try (ArrowStreamReader reader = new ArrowStreamReader(new FileInputStream(path), allocator)) {
      long missing = rows;
      while (missing > 0 && reader.loadNextBatch()) {
        VectorSchemaRoot shown = reader.getVectorSchemaRoot();
        // The reader shows each batch in the same vectors: take it out of them.
        VectorSchemaRoot kept = VectorSchemaRoot.create(shown.getSchema(), allocator);
        try (var batch = new VectorUnloader(shown).getRecordBatch()) {
          new VectorLoader(kept).load(batch);
        }
        int taken = (int) Math.min(kept.getRowCount(), missing);
        batches.add(new Events(kept, taken));
        missing -= taken;
      }
      if (missing > 0) throw new IOException(path + " has " + missing + " rows too few");
    }
    return batches;
  }
}
