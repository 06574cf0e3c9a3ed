// What a wrong certificate or key is answered with.
#include <openssl/err.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

#include "sched/tls/context.hpp"
#include "sched/tls/error.hpp"
#include "tests/sched/tls/certificates.hpp"

namespace rehearsal::tls {
namespace {

// Returns what creating a context of a server says, or "fine".
std::string outcome(const Pem& certificate, const Pem& key) {
  TlsServerOptions options;
  options.certificate = certificate;
  options.key = key;
  try {
    const TlsServerContext context(options);
  } catch (const std::system_error& error) {
    EXPECT_EQ(ERR_peek_error(), 0U) << "an error is left with OpenSSL: " << error.what();
    return error.what();
  }
  return "fine";
}

class File {
 public:
  explicit File(const char* text) {
    const int descriptor = ::mkstemp(name_.data());
    EXPECT_EQ(::write(descriptor, text, std::char_traits<char>::length(text)),
              static_cast<ssize_t>(std::char_traits<char>::length(text)));
    ::close(descriptor);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { ::unlink(name_.c_str()); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_ = testing::TempDir() + "pemXXXXXX";
};

TEST(TlsContext, reads_files_and_memory) {
  const File certificate(server_certificate);
  const File key(server_key);
  EXPECT_EQ(outcome(Pem::file(certificate.name()), Pem::file(key.name())), "fine");
  EXPECT_EQ(outcome(Pem::text(server_certificate), Pem::text(server_key)), "fine");
  EXPECT_EQ(outcome(Pem::text(rsa_certificate), Pem::text(rsa_key)), "fine");
  EXPECT_EQ(outcome(Pem::text(chain_certificates), Pem::text(server_key)), "fine");
}

TEST(TlsContext, names_a_file_that_cannot_be_read) {
  EXPECT_EQ(outcome(Pem::file("/nowhere/a.pem"), Pem::text(server_key)),
            "TLS certificate '/nowhere/a.pem': No such file or directory");
  EXPECT_EQ(outcome(Pem::text(server_certificate), Pem::file("/nowhere/b.pem")),
            "TLS key '/nowhere/b.pem': No such file or directory");
  EXPECT_EQ(outcome(Pem::file("/"), Pem::text(server_key)), "TLS certificate '/': Is a directory");
}

TEST(TlsContext, names_what_holds_no_certificate_or_key) {
  EXPECT_EQ(outcome(Pem::text("hello"), Pem::text(server_key)),
            "TLS certificate in memory has no certificate in PEM format: no start line");
  EXPECT_EQ(outcome(Pem(), Pem::text(server_key)),
            "TLS certificate in memory has no certificate in PEM format: no start line");
  EXPECT_EQ(outcome(Pem::text(server_certificate), Pem::text("hello")),
            "TLS key in memory is not a private key in PEM format: unsupported");
  const std::string half(server_certificate, 200);
  EXPECT_EQ(outcome(Pem::text(half), Pem::text(server_key)),
            "TLS certificate in memory has no certificate in PEM format: bad end line");
  EXPECT_EQ(outcome(Pem::text(server_certificate + half), Pem::text(server_key)),
            "TLS certificate in memory: bad end line");
}

TEST(TlsContext, names_a_key_that_belongs_to_another_certificate) {
  EXPECT_EQ(outcome(Pem::text(server_certificate), Pem::text(client_key)),
            "TLS key in memory does not belong to certificate in memory: key values mismatch");
  EXPECT_EQ(outcome(Pem::text(server_certificate), Pem::text(rsa_key)),
            "TLS key in memory does not belong to certificate in memory: different key types");
}

TEST(TlsContext, asks_nobody_for_a_passphrase) {
  EXPECT_EQ(outcome(Pem::text(server_certificate), Pem::text(locked_key)),
            "TLS key in memory has a passphrase; write it without one: Invalid argument");
}

TEST(TlsContext, names_authorities_that_cannot_be_read) {
  TlsClientOptions options;
  options.authorities = Pem::file("/nowhere/ca.pem");
  try {
    const TlsClientContext context(options);
    ADD_FAILURE();
  } catch (const std::system_error& error) {
    EXPECT_STREQ(error.what(), "TLS authorities '/nowhere/ca.pem': No such file or directory");
  }
}

TEST(TlsContext, names_a_protocol_that_a_handshake_cannot_carry) {
  for (const std::size_t size : {0U, 1U, 255U, 256U}) {
    TlsClientOptions options;
    options.protocols = {"h2", std::string(size, 'x')};
    std::string refusal;
    try {
      const TlsClientContext context(options);
    } catch (const std::system_error& error) {
      refusal = error.what();
    }
    EXPECT_EQ(refusal, size == 1 || size == 255 ? ""
                                                : "TLS protocol '" + options.protocols.back() +
                                                      "' has not 1 to 255 bytes: Invalid argument");
  }
}

TEST(TlsError, has_the_reasons_of_openssl) {
  EXPECT_EQ(tls_truncated().message(), "unexpected eof while reading");
  EXPECT_STREQ(tls_truncated().category().name(), "tls");
  EXPECT_EQ(tls_category().message(1), "TLS error 1");
}

}  // namespace
}  // namespace rehearsal::tls
