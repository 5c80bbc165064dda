// Vectors of few terms out of many: tags with weights, the words of a text.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace personalize::core {

struct WeightedTerm {
    std::string_view term;
    double weight;  // finite; 0 is as good as absent
};

// Each term once, in an order that both of two vectors have.
using SparseVector = std::span<const WeightedTerm>;
enum class TermOrder { kByBytes, kByLengthThenBytes };

// a.b / (|a| |b|) in [-1, 1]; a term of one vector counts in its norm alone. None where a vector is zero or
// empty. Large and tiny weights neither overflow nor vanish. Linear in the number of terms.
std::optional<double> cosine(SparseVector a, SparseVector b, TermOrder order) noexcept;

// Divides the weights by their norm |v|; a zero vector stays as it is.
void normalize(std::span<WeightedTerm> vector) noexcept;

}  // namespace personalize::core
