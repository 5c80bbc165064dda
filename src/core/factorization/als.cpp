#include "core/factorization/als.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <string>

#include "core/factorization/block_solver.hpp"
#include "core/factorization/draw_factors.hpp"
#include "core/factorization/fold_in.hpp"
#include "core/factorization/row_chunks.hpp"
#include "core/factorization/row_solver.hpp"
#include "core/runtime/error.hpp"
#include "core/runtime/parallel.hpp"
#include "core/runtime/poll_counter.hpp"

namespace personalize::core::als {

namespace {

constexpr double kFlopsPerChunk = 1e8;  // a millisecond or two

// Where blocks begin to be cheaper, and the block that reaches a given loss soonest there.
constexpr int kLargestExactRank = 128, kDefaultBlock = 32;

void check_positive(float value, const char* name) {
    if (!(value > 0) || !std::isfinite(value))
        throw InvalidInput(std::string(name) + " must be a positive number, not " + std::to_string(value));
}

void check_at_least(int value, int least, const char* name) {
    if (value < least)
        throw InvalidInput(std::string(name) + " must be at least " + std::to_string(least) + ", not " +
                           std::to_string(value));
}

void check(const Options& options) {
    const Objective& objective = options.objective;
    check_at_least(objective.rank, kMinRank, "rank");
    if (objective.rank > kMaxRank)
        throw InvalidInput("rank must be at most " + std::to_string(kMaxRank) + ", not " +
                           std::to_string(objective.rank));
    check_positive(objective.regularization, "regularization");
    if (!objective.has_biases())
        check_positive(objective.unobserved_weight, "the weight of unobserved pairs");
    if (!std::isfinite(objective.frequency_exponent))
        throw InvalidInput("the exponent of frequencies must be finite");
    check_at_least(options.iterations, 1, "iterations");
    check_at_least(options.threads, 1, "threads");
    check_at_least(options.block, 0, "block");
}

// Columns solved together: padded(rank) for exact solves.
int chosen_block(const Options& options) {
    const int all = padded(options.objective.rank);
    if (options.objective.has_biases()) return all;
    if (options.block > 0) return std::min(all, padded(options.block));
    return options.objective.rank <= kLargestExactRank ? all : kDefaultBlock;
}

bool exact(const Options& options) { return chosen_block(options) == padded(options.objective.rank); }

void draw_users(Factors& users, const Options& options, Host& host) {
    const Objective& objective = options.objective;
    draw_factors(users, objective.rank, options.seed, options.threads, host);
    if (!objective.has_biases()) return;
    for (std::int64_t u = 0; u < users.rows(); u++) users.row(u)[one_column(Side::users, objective.rank)] = 1;
}

// One side of the matrix: solves all its rows.
class HalfStep {
  public:
    HalfStep(const SparseMatrix& rows, Side side, const Options& options)
        : rows_(rows), side_(side), options_(options), chunks_(row_chunks(rows, cost(), kFlopsPerChunk)) {
        loss_.resize(chunks_.size() - 1);
        const Objective& objective = options.objective;
        if (!objective.has_biases()) base_gram_ = aligned_floats(base_gram_floats(objective.rank));
    }

    // Replaces `solved`; returns the objective but for the regularization of `fixed`.
    double run(FactorsView fixed, Factors& solved, Host& host) {
        const Objective& objective = options_.objective;
        if (!objective.has_biases()) base_gram(fixed, objective, base_gram_.get(), options_.threads, host);
        const FixedFactors against{fixed, base_gram_.get()};
        parallel_chunks(host, options_.threads, std::ssize(loss_), [&]() -> ChunkBody {
            if (exact(options_))
                return solving(std::make_shared<RowSolver>(objective, side_, RowSolver::most_rows(objective)),
                               against, solved);
            return solving(std::make_shared<BlockSolver>(objective, chosen_block(options_), longest_row()),
                           against, solved);
        });
        double sum = 0;
        for (const double loss : loss_) sum += loss;
        return sum;
    }

    double regularization(FactorsView factors, std::int64_t possible, Host& host) const {
        PollCounter progress(host);
        const Objective& objective = options_.objective;
        double sum = 0;
        for (std::int64_t r = 0; r < factors.rows; r++) {
            const float* const row = factors.row(r);
            double square = 0;
            for (int k = 0; k < objective.rank; k++) square += static_cast<double>(row[k]) * row[k];
            if (objective.has_biases()) {
                const double bias = row[bias_column(side_, objective.rank)];
                square += bias * bias;
            }
            sum += square * objective.ridge(rows_.start[r + 1] - rows_.start[r], possible);
            progress.count(objective.rank);
        }
        return sum;
    }

  private:
    RowCost cost() const {
        const double d = padded(options_.objective.rank), b = chosen_block(options_);
        return {d * b * b / 3 + 4 * d * d, d * b + 8 * d};
    }

    std::int64_t longest_row() const {
        std::int64_t longest = 0;
        for (std::int64_t r = 0; r < rows_.rows(); r++)
            longest = std::max(longest, rows_.start[r + 1] - rows_.start[r]);
        return longest;
    }

    template <class Solver>
    ChunkBody solving(std::shared_ptr<Solver> solver, const FixedFactors& fixed, Factors& solved) {
        return [this, solver, fixed, &solved](std::int64_t chunk) {
            RowTask tasks[kLanes];
            double loss = 0;
            for (std::int64_t r = chunks_[chunk]; r < chunks_[chunk + 1];) {
                const std::span<const RowTask> batch =
                    next_batch(*solver, r, chunks_[chunk + 1], solved, tasks);
                loss += solver->solve(fixed, batch);
                r += std::ssize(batch);
            }
            loss_[chunk] = loss;
        };
    }

    // As many of the rows [first, last) as the solver takes at a time, at least one.
    template <class Solver>
    std::span<const RowTask> next_batch(const Solver& solver, std::int64_t first, std::int64_t last,
                                        Factors& solved, RowTask (&tasks)[kLanes]) const {
        int count = 0;
        for (std::int64_t r = first; r < last && count < solver.most_rows(); r++, count++) {
            if (count > 0 && rows_.start[r + 1] - rows_.start[first] > solver.most_observations()) break;
            tasks[count] = {rows_.row(r), solved.row(r)};
        }
        return {tasks, static_cast<std::size_t>(count)};
    }

    const SparseMatrix& rows_;
    const Side side_;
    const Options& options_;
    const std::vector<std::int64_t> chunks_;
    std::vector<double> loss_;  // per chunk, so that their sum does not depend on the threads
    AlignedFloats base_gram_;
};

bool converged(const std::vector<double>& loss, double tolerance) {
    if (tolerance <= 0 || loss.size() < 2) return false;
    const double before = loss[loss.size() - 2];
    return before - loss.back() < tolerance * std::fabs(before);
}

}  // namespace

Model train(const SparseMatrix& by_user, const SparseMatrix& by_item, const Options& options, Host& host) {
    check(options);
    const int width = options.objective.width();
    Model model{Factors(by_user.rows(), width), Factors(by_item.rows(), width), {}};
    draw_users(model.users, options, host);
    HalfStep solve_items(by_item, Side::items, options), solve_users(by_user, Side::users, options);
    for (int iteration = 1; iteration <= options.iterations; iteration++) {
        solve_items.run(model.users.view(), model.items, host);
        const double loss = solve_users.run(model.items.view(), model.users, host) +
                            solve_items.regularization(model.items.view(), by_user.rows(), host);
        if (!std::isfinite(loss))
            throw InvalidInput("the factors became infinite in iteration " + std::to_string(iteration),
                               "Raise the regularization, or look for huge ratings.");
        model.loss.push_back(loss);
        host.iteration_done(iteration, options.iterations, loss);
        if (converged(model.loss, options.tolerance)) break;
    }
    return model;
}

std::size_t memory(std::int64_t users, std::int64_t items, const Options& options) noexcept {
    const Objective& objective = options.objective;
    const std::size_t solver =
        exact(options) ? RowSolver::memory(objective, RowSolver::most_rows(objective))
                       : BlockSolver::memory(objective, chosen_block(options), std::max(users, items));
    const std::size_t chunks = static_cast<std::size_t>(users + items) * 2 * sizeof(std::int64_t);
    const std::size_t grams =
        objective.has_biases() ? 0 : 2 * sizeof(float) * base_gram_floats(objective.rank);
    return Factors::memory(users, objective.width()) + Factors::memory(items, objective.width()) + chunks +
           grams + static_cast<std::size_t>(std::max(1, options.threads)) * solver;
}

}  // namespace personalize::core::als
