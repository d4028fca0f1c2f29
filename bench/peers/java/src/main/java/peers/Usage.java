package peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What this process and its children use, by the operating system's account. */
final class Usage {
  private static final double TICKS_PER_SECOND = 100; // USER_HZ, the same on all that Linux runs on

  private Usage() {}

  private static List<Path> processes() {
    Stream<ProcessHandle> children = ProcessHandle.current().descendants();
    return Stream.concat(Stream.of(ProcessHandle.current()), children)
        .map(process -> Path.of("/proc", Long.toString(process.pid())))
        .toList();
  }

  /** User and system time of those that run now. */
  static double cpuSeconds() throws IOException {
    double ticks = 0;
    for (Path process : processes()) {
      String stat = Files.readString(process.resolve("stat"));
      // The second field is the program's name, in brackets, and may hold anything.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
    return ticks / TICKS_PER_SECOND;
  }

  /** The sum of a field of /proc/PID/status, in bytes: VmRSS, VmHWM (its highest). */
  static long memory(String field) throws IOException {
    long kibibytes = 0;
    for (Path process : processes()) {
      for (String line : Files.readAllLines(process.resolve("status"))) {
        if (line.startsWith(field + ":")) kibibytes += Long.parseLong(line.split("\\s+")[1]);
      }
    }
    return kibibytes * 1024;
  }

  /** From now on VmHWM is the highest since now. */
  static void forgetPeak() throws IOException {
    for (Path process : processes()) Files.writeString(process.resolve("clear_refs"), "5");
  }
}
