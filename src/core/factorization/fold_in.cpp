#include "core/factorization/fold_in.hpp"

#include "core/factorization/gram.hpp"
#include "core/factorization/row_solver.hpp"
#include "core/runtime/parallel.hpp"

namespace personalize::core {

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

namespace {

class ExactFoldIn final : public FoldIn {
  public:
    explicit ExactFoldIn(const Objective& objective)
        : solver_(objective, Side::users, 1), has_biases_(objective.has_biases()) {}

    void solve(FactorsView factors, const float* base, std::span<const std::int32_t> items,
               std::span<const float> values, float* out) override {
        const RowTask task{{items, values}, out};
        solver_.solve({factors, has_biases_ ? nullptr : base}, {&task, 1});
    }

  private:
    RowSolver solver_;
    bool has_biases_;
};

}  // namespace

std::unique_ptr<FoldIn> FoldIn::of(const Objective& objective) {
    return std::make_unique<ExactFoldIn>(objective);
}

}  // namespace personalize::core
