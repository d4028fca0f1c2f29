package peers;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.LongSupplier;

/** Runs a program's work twice, to warm it up and to time it, and prints the JSON line. */
final class Measurement {
  interface Work {
    /** Returns when every row is acknowledged; throws if one is not. */
    void putAll(List<Events> batches) throws Exception;
  }

  private Measurement() {}

  /** {@code requests} counts since the start of the program; null if that is not known. Ends the program on failure. */
  static void run(
      String program,
      Map<String, String> versions,
      Arguments given,
      long warmUpRows,
      int inFlight,
      LongSupplier requests,
      Work work) {
    try {
      measure(program, versions, given, warmUpRows, inFlight, requests, work);
    } catch (Exception error) {
      error.printStackTrace();
      System.exit(1); // threads of a client would keep it alive
    }
  }

  private static void measure(
      String program,
      Map<String, String> versions,
      Arguments given,
      long warmUpRows,
      int inFlight,
      LongSupplier requests,
      Work work)
      throws Exception {
    List<Events> batches = Events.load(given.file(), given.rows());
    work.putAll(repeated(batches, warmUpRows));
    long requestsBefore = requests == null ? 0 : requests.getAsLong();
    long rssBefore = Usage.memory("VmRSS");
    Usage.forgetPeak();
    double cpuBefore = Usage.cpuSeconds();
    long start = System.nanoTime();
    work.putAll(batches);
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpu = Usage.cpuSeconds() - cpuBefore;
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("program", program);
    line.put("versions", versions);
    line.put("rows", batches.stream().mapToLong(batch -> batch.rows).sum());
    line.put("seconds", seconds);
    line.put("cpu_seconds", cpu);
    line.put("peak_rss_bytes", Usage.memory("VmHWM"));
    line.put("rss_before_bytes", rssBefore);
    if (requests != null) line.put("requests", requests.getAsLong() - requestsBefore);
    line.put("in_flight", inFlight);
    System.out.println(new ObjectMapper().writeValueAsString(line));
  }

  /** Whole batches, over and over, until they have so many rows. */
  private static List<Events> repeated(List<Events> batches, long rows) {
    List<Events> chosen = new ArrayList<>();
    for (long taken = 0; taken < rows; taken += chosen.get(chosen.size() - 1).rows) {
      chosen.add(batches.get(chosen.size() % batches.size()));
    }
    return chosen;
  }

  static String versionOf(String group, String artifact) throws IOException {
    String path = "/META-INF/maven/" + group + "/" + artifact + "/pom.properties";
    Properties properties = new Properties();
    try (var stream = Measurement.class.getResourceAsStream(path)) {
      properties.load(stream);
    }
    return properties.getProperty("version");
  }
}
