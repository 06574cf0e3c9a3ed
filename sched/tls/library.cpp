#include "sched/tls/library.hpp"

#include <climits>
#include <string>
#include <system_error>

#include <openssl/bio.h>
#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include "sched/tls/error.hpp"
#include "sched/tls/session.hpp"

namespace rehearsal::tls {
namespace {

constexpr const char* generator = "REHEARSAL";

// What OpenSSL's callbacks cannot be passed: for whom it works on this thread.
thread_local ConnectionRandom* current_random = nullptr;

// The provider: provider-rand(7). An instance of the generator has no state.

void* new_instance(void* /*provider*/, void* /*parent*/, const OSSL_DISPATCH* /*calls*/) {
  static char instance;
  return &instance;
}
void free_instance(void* /*instance*/) {}
int instantiate(void* /*instance*/, unsigned int /*strength*/, int /*resistance*/,
                const unsigned char* /*text*/, size_t /*size*/, const OSSL_PARAM* /*parameters*/) {
  return 1;
}
int uninstantiate(void* /*instance*/) { return 1; }
int generate(void* /*instance*/, unsigned char* out, size_t size, unsigned int /*strength*/,
             int /*resistance*/, const unsigned char* /*more*/, size_t /*more_size*/) {
  return current_random != nullptr && current_random->fill({out, size}) ? 1 : 0;
}
int enable_locking(void* /*instance*/) { return 1; }
int lock(void* /*instance*/) { return 1; }
void unlock(void* /*instance*/) {}
int get_parameters(void* /*instance*/, OSSL_PARAM* parameters) {
  OSSL_PARAM* strength = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_STRENGTH);
  if (strength != nullptr && OSSL_PARAM_set_uint(strength, 256) == 0) {
    return 0;
  }
  OSSL_PARAM* most = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_MAX_REQUEST);
  return most == nullptr || OSSL_PARAM_set_size_t(most, INT_MAX) == 1 ? 1 : 0;
}

using Function = void (*)();
template <class F>
Function function(F* f) {
  return reinterpret_cast<Function>(f);
}

const OSSL_ALGORITHM* algorithms(void* /*provider*/, int operation, int* no_cache) {
  static const OSSL_DISPATCH functions[] = {
      {OSSL_FUNC_RAND_NEWCTX, function(new_instance)},
      {OSSL_FUNC_RAND_FREECTX, function(free_instance)},
      {OSSL_FUNC_RAND_INSTANTIATE, function(instantiate)},
      {OSSL_FUNC_RAND_UNINSTANTIATE, function(uninstantiate)},
      {OSSL_FUNC_RAND_GENERATE, function(generate)},
      {OSSL_FUNC_RAND_ENABLE_LOCKING, function(enable_locking)},
      {OSSL_FUNC_RAND_LOCK, function(lock)},
      {OSSL_FUNC_RAND_UNLOCK, function(unlock)},
      {OSSL_FUNC_RAND_GET_CTX_PARAMS, function(get_parameters)},
      {0, nullptr}};
  static const OSSL_ALGORITHM generators[] = {
      {generator, "provider=rehearsal", functions, "the random numbers of a connection"},
      {nullptr, nullptr, nullptr, nullptr}};
  *no_cache = 0;
  return operation == OSSL_OP_RAND ? generators : nullptr;
}

int start_provider(const OSSL_CORE_HANDLE* /*core*/, const OSSL_DISPATCH* /*offered*/,
                   const OSSL_DISPATCH** functions, void** provider) {
  static const OSSL_DISPATCH own[] = {{OSSL_FUNC_PROVIDER_QUERY_OPERATION, function(algorithms)},
                                      {0, nullptr}};
  *functions = own;
  *provider = new_instance(nullptr, nullptr, nullptr);
  return 1;
}

void require(bool holds) {
  if (!holds) {
    throw std::system_error(take_error(), "initialise OpenSSL");
  }
}

}  // namespace

Library& Library::get() {
  static Library library;
  return library;
}

Library::Library() {
  // Its clean-up at exit must come after ours.
  OPENSSL_init_crypto(0, nullptr);
  context_ = OSSL_LIB_CTX_new();
  require(context_ != nullptr);
  require(OSSL_PROVIDER_add_builtin(context_, "rehearsal", start_provider) == 1);
  random_ = OSSL_PROVIDER_load(context_, "rehearsal");
  require(random_ != nullptr);
  standard_ = OSSL_PROVIDER_load(context_, "default");
  require(standard_ != nullptr);
  require(RAND_set_DRBG_type(context_, generator, nullptr, nullptr, nullptr) == 1);
  sha512_ = EVP_MD_fetch(context_, "SHA512", nullptr);
  require(sha512_ != nullptr);
  session_bio_ = Session::new_bio_method();
  require(session_bio_ != nullptr);
}

Library::~Library() {
  BIO_meth_free(session_bio_);
  EVP_MD_free(sha512_);
  OSSL_PROVIDER_unload(standard_);
  OSSL_PROVIDER_unload(random_);
  OSSL_LIB_CTX_free(context_);
}

bool Library::sha512(std::span<const unsigned char> data,
                     std::span<unsigned char, 64> digest) const {
  return EVP_Digest(data.data(), data.size(), digest.data(), nullptr, sha512_, nullptr) == 1;
}

RandomScope::RandomScope(ConnectionRandom& random) : outer_(current_random) {
  current_random = &random;
}

RandomScope::~RandomScope() { current_random = outer_; }

}  // namespace rehearsal::tls
