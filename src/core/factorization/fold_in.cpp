#include "core/factorization/fold_in.hpp"

#include "core/factorization/gram.hpp"
#include "core/factorization/row_solver.hpp"
#include "core/runtime/parallel.hpp"

namespace personalize::core {

std::size_t base_gram_floats(int rank) noexcept {
    return static_cast<std::size_t>(rank) * static_cast<std::size_t>(padded(rank));
}

void base_gram(FactorsView items, const Objective& objective, float* gram) {
    QuietHost host;
    base_gram(items, objective, gram, 1, host);
}

// The last strips are the longest: they come first.
void base_gram(FactorsView items, const Objective& objective, float* gram, int threads, Host& host) {
    const std::int64_t strips = (objective.rank + kGramStrip - 1) / kGramStrip;
    parallel_chunks(host, threads, strips, [&]() -> ChunkBody {
        return [&](std::int64_t strip) {
            gram_strip(items, objective.rank, objective.unobserved_weight,
                       static_cast<int>(strips - 1 - strip) * kGramStrip, gram);
        };
    });
}

struct FoldIn::Scratch {
    explicit Scratch(const Objective& objective)
        : solver(objective, Side::users, 1), has_biases(objective.has_biases()) {}
    RowSolver solver;
    bool has_biases;
};

FoldIn::FoldIn(const Objective& objective) : scratch_(std::make_unique<Scratch>(objective)) {}
FoldIn::~FoldIn() = default;
FoldIn::FoldIn(FoldIn&&) noexcept = default;

void FoldIn::solve(FactorsView factors, const float* base, std::span<const std::int32_t> items,
                   std::span<const float> values, float* out) {
    const RowTask task{{items, values}, out};
    scratch_->solver.solve({factors, scratch_->has_biases ? nullptr : base}, {&task, 1});
}

}  // namespace personalize::core
