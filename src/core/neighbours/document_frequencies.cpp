#include "core/neighbours/document_frequencies.hpp"

#include <cmath>
#include <cstring>

#include "core/runtime/error.hpp"

namespace personalize::core {

namespace {

// A node of the table with its share of the buckets, and the text where a std::string does not hold it
// itself.
std::size_t memory_of(std::string_view term) {
    constexpr std::size_t kNode = 96, kInline = 15, kOverhead = 17;
    return kNode + (term.size() > kInline ? term.size() + kOverhead : 0);
}

std::int64_t take_number(std::span<const char>& bytes) {
    std::int64_t number;
    if (bytes.size() < sizeof number) throw InvalidInput("document frequencies end too early");
    std::memcpy(&number, bytes.data(), sizeof number);
    bytes = bytes.subspan(sizeof number);
    return number;
}

char* put_number(char* to, std::int64_t number) {
    std::memcpy(to, &number, sizeof number);
    return to + sizeof number;
}

}  // namespace

double idf(std::int64_t documents, std::int64_t containing) noexcept {
    return std::log(static_cast<double>(documents) / static_cast<double>(containing));
}

void DocumentFrequencies::add_term(std::string_view term, std::int64_t documents) {
    const auto found = containing_.find(term);
    if (found != containing_.end()) {
        found->second += documents;
        return;
    }
    budget_.reserve(memory_of(term), "the document frequencies of terms");
    containing_.emplace(term, documents);
}

void DocumentFrequencies::combine(const DocumentFrequencies& other) {
    documents_ += other.documents_;
    for (const auto& [term, containing] : other.containing_) add_term(term, containing);
}

// The number of documents; then for each term the documents that contain it, its length, its bytes.
std::size_t DocumentFrequencies::byte_size() const noexcept {
    std::size_t size = sizeof(std::int64_t);
    for (const auto& [term, containing] : containing_) size += 2 * sizeof(std::int64_t) + term.size();
    return size;
}

void DocumentFrequencies::write_bytes(char* to) const noexcept {
    to = put_number(to, documents_);
    for (const auto& [term, containing] : containing_) {
        to = put_number(put_number(to, containing), static_cast<std::int64_t>(term.size()));
        std::memcpy(to, term.data(), term.size());
        to += term.size();
    }
}

void DocumentFrequencies::combine_bytes(std::span<const char> bytes) {
    documents_ += take_number(bytes);
    while (!bytes.empty()) {
        const std::int64_t containing = take_number(bytes);
        const auto length = static_cast<std::size_t>(take_number(bytes));
        if (bytes.size() < length) throw InvalidInput("document frequencies end too early");
        add_term({bytes.data(), length}, containing);
        bytes = bytes.subspan(length);
    }
}

}  // namespace personalize::core
