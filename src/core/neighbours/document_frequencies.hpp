// In how many documents each term occurs, in parts that may be combined.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/runtime/memory_budget.hpp"

namespace personalize::core {

// Inverse document frequency ln(documents / containing) (Sparck Jones, A statistical interpretation of term
// specificity and its application in retrieval, 1972): 0 for a term that all documents have.
double idf(std::int64_t documents, std::int64_t containing) noexcept;

class DocumentFrequencies {
  public:
    // What the terms take is claimed from `budget`, which must live as long.
    explicit DocumentFrequencies(MemoryBudget& budget) : budget_(budget) {}

    void add_document() noexcept { documents_++; }
    // Each term of a document once.
    void add_term(std::string_view term, std::int64_t documents = 1);
    void combine(const DocumentFrequencies& other);

    std::int64_t documents() const noexcept { return documents_; }
    std::size_t terms() const noexcept { return containing_.size(); }

    // Calls visit(std::string_view term, double idf) for each term, in no order.
    template <class Visit>
    void each(Visit visit) const {
        for (const auto& [term, containing] : containing_)
            visit(std::string_view(term), idf(documents_, containing));
    }

    // As bytes, for another process of the same program. combine_bytes() throws InvalidInput where they end
    // too early.
    std::size_t byte_size() const noexcept;
    void write_bytes(char* to) const noexcept;
    void combine_bytes(std::span<const char> bytes);

  private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };

    MemoryBudget& budget_;
    std::int64_t documents_ = 0;
    std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> containing_;
};

}  // namespace personalize::core
