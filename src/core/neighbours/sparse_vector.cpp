#include "core/neighbours/sparse_vector.hpp"

#include <algorithm>
#include <cmath>

#include "core/neighbours/similarity.hpp"

namespace personalize::core {

namespace {

// A power of two, so exact, that brings the largest weight near 1.
double scale_of(SparseVector vector) {
    double largest = 0;
    for (const WeightedTerm& t : vector) largest = std::max(largest, std::fabs(t.weight));
    if (largest == 0) return 1;
    return std::ldexp(1.0, std::clamp(-std::ilogb(largest), -1000, 1000));
}

double sum_of_squares(SparseVector vector, double scale) {
    double sum = 0;
    for (const WeightedTerm& t : vector) sum += (t.weight * scale) * (t.weight * scale);
    return sum;
}

int compare(std::string_view a, std::string_view b, TermOrder order) {
    if (order == TermOrder::kByLengthThenBytes && a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
    return a.compare(b);
}

}  // namespace

std::optional<double> cosine(SparseVector a, SparseVector b, TermOrder order) noexcept {
    const double scale_a = scale_of(a), scale_b = scale_of(b);
    CosineSums sums{0, sum_of_squares(a, scale_a), sum_of_squares(b, scale_b)};
    for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
        const int order_of_terms = compare(i->term, j->term, order);
        if (order_of_terms == 0) sums.xy += (i->weight * scale_a) * (j->weight * scale_b);
        i += order_of_terms <= 0 ? 1 : 0;
        j += order_of_terms >= 0 ? 1 : 0;
    }
    return sums.cosine();
}

void normalize(std::span<WeightedTerm> vector) noexcept {
    const double scale = scale_of(vector), norm = std::sqrt(sum_of_squares(vector, scale));
    if (norm == 0) return;
    for (WeightedTerm& t : vector) t.weight = t.weight * scale / norm;
}

}  // namespace personalize::core
