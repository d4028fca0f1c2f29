package peers;

import java.net.URI;

/** The command line of all programs in bench/peers, and what some have besides. */
record Arguments(URI endpointUrl, String caBundle, String stream, long rows, boolean aggregation, String file) {
  static Arguments of(String[] words) {
    URI endpointUrl = null;
    String caBundle = null;
    String stream = null;
    long rows = 0;
    boolean aggregation = true;
    String file = null;
    for (int i = 0; i < words.length; i++) {
      switch (words[i]) {
        case "--endpoint-url" -> endpointUrl = URI.create(words[++i]);
        case "--ca-bundle" -> caBundle = words[++i];
        case "--stream" -> stream = words[++i];
        case "--rows" -> rows = Long.parseLong(words[++i]);
        case "--no-aggregation" -> aggregation = false;
        default -> file = words[i];
      }
    }
    if (endpointUrl == null || stream == null || rows <= 0 || file == null || file.startsWith("--")) {
      throw new IllegalArgumentException("--endpoint-url URL [--ca-bundle PEM] --stream NAME --rows N FILE");
    }
    return new Arguments(endpointUrl, caBundle, stream, rows, aggregation, file);
  }
}
