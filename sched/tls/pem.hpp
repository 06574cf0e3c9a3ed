// Pem: where a certificate or key comes from.
#pragma once

#include <string>
#include <utility>

namespace rehearsal::tls {

/// Certificates or a private key in PEM format: the name of a file, or the text itself.
class Pem {
 public:
  /// Creates one that names nothing.
  Pem() = default;
  /// Names a file, which is read when a context is created.
  static Pem file(std::string name) { return Pem(std::move(name), std::string()); }
  /// Holds the text of a PEM file.
  static Pem text(std::string pem) { return Pem(std::string(), std::move(pem)); }

  /// Returns true if it names nothing.
  [[nodiscard]] bool empty() const { return file_.empty() && text_.empty(); }

  // Returns "'NAME'", or "in memory", for messages.
  [[nodiscard]] std::string where() const;
  // Returns the text. Throws std::system_error if the file cannot be read; `what` names what it
  // should hold.
  [[nodiscard]] std::string read(const char* what) const;

 private:
  Pem(std::string file, std::string text) : file_(std::move(file)), text_(std::move(text)) {}

  std::string file_;
  std::string text_;
};

}  // namespace rehearsal::tls
