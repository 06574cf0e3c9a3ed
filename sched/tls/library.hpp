// Library: OpenSSL as this library uses it: a library context of its own, whose random numbers are
// those of the connection that OpenSSL works for, and a kind of BIO.
//
// It holds no state that a connection could see: algorithms that OpenSSL has looked up, which takes
// milliseconds, so there is one for the process. Other users of OpenSSL in the process keep their
// own context and generator.
#pragma once

#include <span>

#include <openssl/types.h>

#include "sched/tls/connection_random.hpp"

struct bio_method_st;

namespace rehearsal::tls {

class Library {
 public:
  // Returns the library. Throws std::system_error if OpenSSL cannot be initialised.
  static Library& get();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  [[nodiscard]] OSSL_LIB_CTX* context() const { return context_; }
  // Returns the kind of BIO (BIO_METHOD) by which a Session reads and writes.
  [[nodiscard]] const bio_method_st* session_bio() const { return session_bio_; }
  // Computes SHA-512. Returns false if it cannot.
  [[nodiscard]] bool sha512(std::span<const unsigned char> data,
                            std::span<unsigned char, 64> digest) const;

 private:
  Library();
  ~Library();

  OSSL_LIB_CTX* context_ = nullptr;
  OSSL_PROVIDER* standard_ = nullptr;
  OSSL_PROVIDER* random_ = nullptr;
  EVP_MD* sha512_ = nullptr;
  bio_method_st* session_bio_ = nullptr;
};

// While it exists, OpenSSL draws its random numbers from `random`, on this thread. Without one,
// every draw fails.
class RandomScope {
 public:
  explicit RandomScope(ConnectionRandom& random);
  RandomScope(const RandomScope&) = delete;
  RandomScope& operator=(const RandomScope&) = delete;
  ~RandomScope();

 private:
  ConnectionRandom* outer_;
};

}  // namespace rehearsal::tls
