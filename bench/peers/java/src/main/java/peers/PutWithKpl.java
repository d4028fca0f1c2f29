package peers;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;
import software.amazon.kinesis.producer.KinesisProducerConfiguration.RecordDistributionStrategyDefault;
import software.amazon.kinesis.producer.KinesisProducerConfiguration.ThreadingModel;
import software.amazon.kinesis.producer.UserRecordResult;

/** Rows in Arrow's memory, to JSON with Jackson, each given to the Kinesis Producer Library and its native process. */
public final class PutWithKpl {
  // More of them make it slower: its lists of what is outstanding grow.
  private static final int MAX_OUTSTANDING = 20_000;
  private static final int MAX_CONNECTIONS = 24; // its default
  private static final long WARM_UP_ROWS = 500_000; // for the compiler of the virtual machine

  private final KinesisProducer producer;
  private final String stream;
  private final Semaphore free = new Semaphore(MAX_OUTSTANDING);
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  private final FutureCallback<UserRecordResult> whenDone =
      new FutureCallback<>() {
        @Override
        public void onSuccess(UserRecordResult result) {
          if (!result.isSuccessful()) failure.set(new IllegalStateException("a row was refused"));
          free.release();
        }

        @Override
        public void onFailure(Throwable error) {
          failure.set(error);
          free.release();
        }
      };

  private PutWithKpl(KinesisProducer producer, String stream) {
    this.producer = producer;
    this.stream = stream;
  }

  public static void main(String[] words) throws Exception {
    Arguments given = Arguments.of(words);
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("java", System.getProperty("java.version"));
    versions.put("kpl", Measurement.versionOf("software.amazon.kinesis", "amazon-kinesis-producer"));
    versions.put("jackson", Measurement.versionOf("com.fasterxml.jackson.core", "jackson-databind"));
    KinesisProducer producer = new KinesisProducer(configuration(given));
    PutWithKpl put = new PutWithKpl(producer, given.stream());
    String program = given.aggregation() ? "kpl" : "kpl-noagg";
    Measurement.run(program, versions, given, WARM_UP_ROWS, MAX_CONNECTIONS, null, put::putAll);
    producer.destroy();
    // Whoever asks the system what this program used should be told of its native process too.
    ProcessHandle.current().children().forEach(child -> child.onExit().join());
  }

  private static KinesisProducerConfiguration configuration(Arguments given) {
    return new KinesisProducerConfiguration()
        .setKinesisEndpoint(given.endpointUrl().getHost())
        .setKinesisPort(given.endpointUrl().getPort())
        .setCaCertFile(given.caBundle())
        .setRegion(System.getenv("AWS_REGION"))
        .setAggregationEnabled(given.aggregation())
        .setMaxConnections(MAX_CONNECTIONS)
        .setMetricsLevel("none")
        .setRecordDistributionStrategyDefault(RecordDistributionStrategyDefault.USER_PARTITION_KEY)
        .setLogLevel("error")
        // What it may do, not what four shards take: as the other programs.
        .setRateLimit(Long.MAX_VALUE)
        .setRecordTtl(Duration.ofHours(1).toMillis())
        // Its own choices, a thread for each request and a list of all futures by age, cost more.
        .setThreadingModel(ThreadingModel.POOLED)
        .setThreadPoolSize(8)
        .setEnableOldestFutureTracker(false);
  }

  private void putAll(List<Events> batches) throws Exception {
    for (Events batch : batches) {
      for (int row = 0; row < batch.rows; row++) {
        byte[] json = batch.json(row);
        free.acquire();
        Futures.addCallback(
            producer.addUserRecord(stream, UUID.randomUUID().toString(), ByteBuffer.wrap(json)),
            whenDone,
            MoreExecutors.directExecutor());
      }
    }
    producer.flush();
    free.acquire(MAX_OUTSTANDING);
    free.release(MAX_OUTSTANDING);
    if (failure.get() != null) throw new IllegalStateException("rows were not stored", failure.get());
  }
}
