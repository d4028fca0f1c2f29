package peers;

import java.io.FileInputStream;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.util.VersionInfo;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;

/** Rows in Arrow's memory, to JSON with Jackson, with PutRecords of the AWS SDK for Java's asynchronous client. */
public final class PutWithSdk {
  private static final int ROWS_OF_A_REQUEST = 500;
  private static final int MAX_IN_FLIGHT = 50; // the connections of the default HTTP client
  private static final int MAX_ATTEMPTS = 20;
  private static final long WARM_UP_ROWS = 1_500_000; // so long does the compiler of the virtual machine take

  private final KinesisAsyncClient client;
  private final String stream;
  private final Semaphore free = new Semaphore(MAX_IN_FLIGHT);
  private final AtomicLong requests = new AtomicLong();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  private PutWithSdk(KinesisAsyncClient client, String stream) {
    this.client = client;
    this.stream = stream;
  }

  public static void main(String[] words) throws Exception {
    Arguments given = Arguments.of(words);
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("java", System.getProperty("java.version"));
    versions.put("aws-sdk-java-v2", VersionInfo.SDK_VERSION);
    versions.put("jackson", Measurement.versionOf("com.fasterxml.jackson.core", "jackson-databind"));
    try (KinesisAsyncClient client = client(given)) {
      PutWithSdk put = new PutWithSdk(client, given.stream());
      Measurement.run("java", versions, given, WARM_UP_ROWS, MAX_IN_FLIGHT, put.requests::get, put::putAll);
    }
  }

  private static KinesisAsyncClient client(Arguments given) throws Exception {
    // The SDK's own choice for Kinesis is HTTP/2 without asking; `kinesink local` speaks HTTP/1.1 only.
    var http = NettyNioAsyncHttpClient.builder().protocol(Protocol.HTTP1_1);
    if (given.caBundle() != null) {
      TrustManager[] trusted = trustManagers(given.caBundle());
      http.tlsTrustManagersProvider(() -> trusted);
    }
    return KinesisAsyncClient.builder().endpointOverride(given.endpointUrl()).httpClientBuilder(http).build();
  }

  private static TrustManager[] trustManagers(String bundle) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (FileInputStream file = new FileInputStream(bundle)) {
      for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
        store.setCertificateEntry(Integer.toString(store.size()), certificate);
      }
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private void putAll(List<Events> batches) throws Exception {
    for (Events batch : batches) {
      for (int start = 0; start < batch.rows; start += ROWS_OF_A_REQUEST) {
        List<PutRecordsRequestEntry> entries = new ArrayList<>(ROWS_OF_A_REQUEST);
        for (int row = start; row < Math.min(batch.rows, start + ROWS_OF_A_REQUEST); row++) {
          entries.add(
              PutRecordsRequestEntry.builder()
                  .data(SdkBytes.fromByteArray(batch.json(row)))
                  .partitionKey(UUID.randomUUID().toString())
                  .build());
        }
        free.acquire();
        put(entries, 1);
      }
    }
    free.acquire(MAX_IN_FLIGHT);
    free.release(MAX_IN_FLIGHT);
    if (failure.get() != null) throw new IllegalStateException("rows were not stored", failure.get());
  }

  private void put(List<PutRecordsRequestEntry> entries, int attempt) {
    requests.incrementAndGet();
    client
        .putRecords(request -> request.streamName(stream).records(entries))
        .whenComplete(
            (answer, error) -> {
              if (error == null && answer.failedRecordCount() > 0 && attempt < MAX_ATTEMPTS) {
                put(refused(entries, answer), attempt + 1);
                return;
              }
              if (error != null) failure.set(error);
              else if (answer.failedRecordCount() > 0) failure.set(new IllegalStateException("rows were refused"));
              free.release();
            });
  }

  private static List<PutRecordsRequestEntry> refused(
      List<PutRecordsRequestEntry> entries, PutRecordsResponse answer) {
    List<PutRecordsRequestEntry> left = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      if (answer.records().get(i).errorCode() != null) left.add(entries.get(i));
    }
    return left;
  }
}
