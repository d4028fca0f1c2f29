#include "aws/credentials.h"

#include <mutex>
#include <utility>
#include <vector>

#include "aws/credential_sources.h"
#include "aws/profile_files.h"

namespace kinesink {

CredentialsProvider::~CredentialsProvider() = default;

namespace aws {
namespace {

// For messages.
std::string profile_of(const Configuration& configuration) {
  return configuration.profile() + (configuration.has_profile() ? "" : ", which is in no file");
}

// One search through the sources. Kept by the callbacks it waits for; all of it runs on
// the CRT's thread.
class Search : public std::enable_shared_from_this<Search> {
 public:
  using Done = CredentialsProvider::Callback;

  Search(CrtNetwork network, std::vector<CredentialSource> sources, std::string profile,
         Duration limit, Done done)
      : network_(std::move(network)),
        sources_(std::move(sources)),
        profile_(std::move(profile)),
        limit_(limit),
        done_(std::move(done)) {}
  ~Search() {
    if (done_) done_(make_error(ErrorKind::cancelled, "credentials are no longer needed"));
  }
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;

  void next() {
    if (turn_ == sources_.size()) return finish(not_found());
    const std::size_t turn = turn_;
    run_on_crt(network_, limit_, [weak = weak_from_this(), turn] {
      const auto self = weak.lock();
      if (self == nullptr) return;
      const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(self->limit_);
      self->answered(turn,
                     make_error(ErrorKind::transient,
                                "it did not answer in " + std::to_string(limit.count()) + " ms"));
    });
    // The source may call from within fetch(), and from another thread.
    sources_[turn].fetch(
        [self = shared_from_this(), network = network_, turn](Result<Credentials> result) {
          run_on_crt(network, {}, [self, turn, result = std::move(result)]() mutable {
            self->answered(turn, std::move(result));
          });
        });
  }

 private:
  void answered(std::size_t turn, Result<Credentials> result) {
    if (turn != turn_ || !done_) return;  // came after its time
    if (result) return finish(std::move(result));
    const CredentialSource& source = sources_[turn];
    const std::string& why = result.error().message;
    if (source.decides) {
      return finish(make_error(
          result.error().kind == ErrorKind::timeout ? ErrorKind::transient : result.error().kind,
          "credentials by " + source.name + " (profile " + profile_ + "): " + why));
    }
    tried_ += (tried_.empty() ? "" : ", ") + source.name + (why.empty() ? "" : " (" + why + ")");
    ++turn_;
    next();
  }

  void finish(Result<Credentials> result) {
    sources_.clear();
    network_ = {};  // a source that never answers keeps this, which must not keep the thread
    std::exchange(done_, nullptr)(std::move(result));
  }

  Error not_found() const {
    return make_error(ErrorKind::auth,
                      "no AWS credentials were found; tried: " + tried_ + " (profile " + profile_ +
                          "). Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile");
  }

  CrtNetwork network_;
  std::vector<CredentialSource> sources_;
  const std::string profile_;
  const Duration limit_;
  Done done_;
  std::size_t turn_ = 0;
  std::string tried_;
};

class DefaultChain final : public CredentialsProvider {
 public:
  explicit DefaultChain(ChainOptions options) : options_(std::move(options)) {}

  void get_credentials(bool, Callback done) override {
    // The usual case needs none of the machinery below, which takes its time to start.
    if (!options_.profile_was_given) {
      Result<Credentials> keys = keys_of_environment(options_.configuration);
      if (keys) return done(std::move(keys));
    }
    if (network_.loops == nullptr) {
      Result<CrtNetwork> network = make_crt_network(options_.tls);
      if (!network) return done(std::move(network).error());
      network_ = *std::move(network);
      sources_ = credential_sources(options_, network_);
    }
    auto search = std::make_shared<Search>(network_, sources_, profile_of(options_.configuration),
                                           options_.source_limit, std::move(done));
    run_on_crt(network_, {}, [search] { search->next(); });
  }

 private:
  const ChainOptions options_;
  CrtNetwork network_;
  std::vector<CredentialSource> sources_;
};

}  // namespace

Result<std::shared_ptr<CredentialsProvider>> make_default_chain(ChainOptions options) {
  if (options.profile_was_given && !options.configuration.has_profile()) {
    return make_error(ErrorKind::not_found,
                      "the profile '" + options.configuration.profile() +
                          "' is in neither the AWS config nor the credentials file");
  }
  route_crt_log(options.log);
  return std::shared_ptr<CredentialsProvider>(std::make_shared<DefaultChain>(std::move(options)));
}

}  // namespace aws
}  // namespace kinesink
