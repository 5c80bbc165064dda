// The errors that the core throws. Whoever calls the core turns each kind into its own error codes.
#pragma once

#include <cstddef>
#include <exception>
#include <stdexcept>
#include <string>

namespace personalize::core {

// Base of all: a sentence with the value that was wrong, and a hint that says what to do (may be empty).
class Error : public std::runtime_error {
  public:
    explicit Error(const std::string& message, std::string hint = {})
        : std::runtime_error(message), hint_(std::move(hint)) {}
    const std::string& hint() const noexcept { return hint_; }

  private:
    std::string hint_;
};

// An option or a value that cannot be computed with.
struct InvalidInput : Error {
    using Error::Error;
};

// A stored model whose bytes are not what training wrote.
struct CorruptModel : Error {
    using Error::Error;
};

// More memory would be needed than the caller allows. The hint says what needs less, "" where fewer rows do.
struct MemoryLimitExceeded : Error {
    MemoryLimitExceeded(const std::string& what, std::size_t needed, std::size_t limit, const char* hint);
};

// The host asked to stop (Host::poll threw, or stop_workers() was called).
struct Cancelled : std::exception {
    const char* what() const noexcept override { return "cancelled"; }
};

}  // namespace personalize::core
