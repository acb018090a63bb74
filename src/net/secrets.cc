#include "net/secrets.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "base/digest.h"

namespace crosswalk::net {

namespace {

constexpr std::size_t kKeyBytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
// Stands before every sealed text, so that the way of sealing can change one day.
constexpr std::string_view kFormat = "v1.";
constexpr std::string_view kApiKeyPrefix = "cw_";
constexpr std::size_t kApiKeyCharacters = 40;
constexpr std::string_view kBase32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr int kBase64 = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

void start_sodium() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot be initialized: no source of randomness");
}

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string describe_errno(int number) { return std::generic_category().message(number); }

tl::unexpected<Error> key_unreadable(const std::string& key_file, std::string_view why) {
  return failure("secrets.key_unreadable", fmt::format("the key file {} cannot be used: {}", key_file, why));
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

/// The key, or nothing when there is no such file.
Result<std::optional<std::string>> read_key(const std::string& key_file) {
  const FileDescriptor file(::open(key_file.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) return std::nullopt;
  if (file.get() < 0) return key_unreadable(key_file, describe_errno(errno));
  // One byte more than a key, so that a longer file is noticed.
  std::string key(kKeyBytes + 1, '\0');
  std::size_t length = 0;
  while (length < key.size()) {
    const ssize_t count = ::read(file.get(), key.data() + length, key.size() - length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return key_unreadable(key_file, describe_errno(errno));
    if (count == 0) break;
    length += static_cast<std::size_t>(count);
  }
  if (length != kKeyBytes) return key_unreadable(key_file, fmt::format("it does not hold {} bytes", kKeyBytes));
  key.resize(kKeyBytes);
  return key;
}

bool write_all(int file, std::string_view rest) {
  while (!rest.empty()) {
    const ssize_t count = ::write(file, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  return ::fsync(file) == 0;
}

/// Makes the file whole or not at all: a crash must not leave half a key, and of two programs that start together one
/// key must win.
Result<void> create_key(const std::string& key_file) {
  std::string key(kKeyBytes, '\0');
  randombytes_buf(key.data(), key.size());
  std::string draft = key_file + ".XXXXXX";
  const FileDescriptor file(::mkostemp(draft.data(), O_CLOEXEC));
  if (file.get() < 0) return key_unreadable(key_file, describe_errno(errno));
  const bool written = ::fchmod(file.get(), S_IRUSR | S_IWUSR) == 0 && write_all(file.get(), key);
  const bool linked = written && (::link(draft.c_str(), key_file.c_str()) == 0 || errno == EEXIST);
  const int problem = errno;
  ::unlink(draft.c_str());
  if (!linked) return key_unreadable(key_file, describe_errno(problem));
  const std::string directory = std::filesystem::absolute(key_file).parent_path();
  const FileDescriptor entry(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (entry.get() < 0 || ::fsync(entry.get()) != 0) return key_unreadable(key_file, describe_errno(errno));
  return {};
}

}  // namespace

Result<SecretBox> SecretBox::open(const std::string& key_file) {
  start_sodium();
  auto key = read_key(key_file);
  if (key && !key->has_value()) {
    if (auto created = create_key(key_file); !created) return tl::unexpected(created.error());
    key = read_key(key_file);
  }
  if (!key) return tl::unexpected(key.error());
  if (!key->has_value()) return key_unreadable(key_file, "it has disappeared");
  SecretBox box;
  box.key_ = std::move(**key);
  return box;
}

bool SecretBox::has_key(const std::string& key_file) {
  return ::access(key_file.c_str(), F_OK) == 0 || errno != ENOENT;
}

std::string SecretBox::seal(std::string_view secret, std::string_view context) const {
  std::vector<unsigned char> sealed(kNonceBytes + secret.size() + kTagBytes);
  randombytes_buf(sealed.data(), kNonceBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + kNonceBytes, nullptr, bytes(secret), secret.size(),
                                             bytes(context), context.size(), nullptr, sealed.data(), bytes(key_));
  std::string text(sodium_base64_encoded_len(sealed.size(), kBase64), '\0');
  sodium_bin2base64(text.data(), text.size(), sealed.data(), sealed.size(), kBase64);
  text.pop_back();  // libsodium counts the terminating zero
  return text.insert(0, kFormat);
}

Result<std::string> SecretBox::unseal(std::string_view sealed, std::string_view context) const {
  const auto unreadable = [] {
    return failure("secrets.unreadable",
                   "a stored secret cannot be opened: it is damaged or was sealed with another key");
  };
  if (!sealed.starts_with(kFormat) || sealed.size() == kFormat.size()) return unreadable();
  sealed.remove_prefix(kFormat.size());
  std::vector<unsigned char> whole(sealed.size());
  std::size_t length = 0;
  if (sodium_base642bin(whole.data(), whole.size(), sealed.data(), sealed.size(), nullptr, &length, nullptr, kBase64) !=
          0 ||
      length < kNonceBytes + kTagBytes) {
    return unreadable();
  }
  std::string secret(length - kNonceBytes - kTagBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(secret.data()), nullptr, nullptr,
                                                 whole.data() + kNonceBytes, length - kNonceBytes, bytes(context),
                                                 context.size(), whole.data(), bytes(key_)) != 0) {
    return unreadable();
  }
  return secret;
}

std::string SecretBox::derive(std::string_view context) const {
  std::array<unsigned char, crypto_generichash_BYTES> derived{};
  crypto_generichash(derived.data(), derived.size(), bytes(context), context.size(), bytes(key_), key_.size());
  std::string text(sodium_base64_encoded_len(derived.size(), kBase64), '\0');
  sodium_bin2base64(text.data(), text.size(), derived.data(), derived.size(), kBase64);
  text.pop_back();  // libsodium counts the terminating zero
  return text;
}

std::string make_api_key() {
  start_sodium();
  std::string key(kApiKeyPrefix);
  for (std::size_t count = 0; count < kApiKeyCharacters; ++count) key += kBase32[randombytes_uniform(kBase32.size())];
  return key;
}

std::string hash_api_key(std::string_view key) {
  // A plain hash will do: nobody guesses 200 random bits, so there is nothing that a slow one would slow down.
  const Digest hash = digest({"api_key", key});
  return to_hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

}  // namespace crosswalk::net
