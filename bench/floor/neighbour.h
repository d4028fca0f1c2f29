// What shares the processor with a client that is measured on one machine with its endpoint: a
// thread that serves requests as `kinesink local --discard` does, one after the other. Two virtual
// cores are often the two threads of one real core, and each is then slower while the other works.
#pragma once

#include <atomic>
#include <cstddef>
#include <thread>

namespace kinesink::bench {

class Neighbour {
 public:
  // Serves a request of so many records of so many bytes once it is told to work.
  Neighbour(std::size_t records, std::size_t payload);
  ~Neighbour();
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;

  void work(bool on);

 private:
  enum class Order { rest, work, leave };
  void live(std::size_t records, std::size_t payload) const;

  std::atomic<Order> order_{Order::rest};
  std::thread thread_;
};

}  // namespace kinesink::bench
