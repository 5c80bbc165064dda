#include "core/factorization/fold_in.hpp"

#include "core/factorization/gram.hpp"
#include "core/factorization/row_solver.hpp"

namespace personalize::core {

std::size_t base_gram_floats(int rank) noexcept {
    return static_cast<std::size_t>(rank) * static_cast<std::size_t>(padded(rank));
}

void base_gram(FactorsView items, const Objective& objective, float* gram) {
    for (int first = 0; first < objective.rank; first += kGramStrip)
        gram_strip(items, objective.rank, objective.unobserved_weight, first, gram);
}

struct FoldIn::Scratch {
    RowSolver solver;
    bool has_biases;
};

FoldIn::FoldIn(const Objective& objective)
    : scratch_(std::make_unique<Scratch>(RowSolver(objective, Side::users, 1), objective.has_biases())) {}
FoldIn::~FoldIn() = default;
FoldIn::FoldIn(FoldIn&&) noexcept = default;

void FoldIn::solve(FactorsView factors, const float* base, std::span<const std::int32_t> items,
                   std::span<const float> values, float* out) {
    const RowTask task{{items, values}, out};
    scratch_->solver.solve({factors, scratch_->has_biases ? nullptr : base}, {&task, 1});
}

}  // namespace personalize::core
