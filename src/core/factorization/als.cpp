#include "core/factorization/als.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/factorization/block_solver.hpp"
#include "core/factorization/draw_factors.hpp"
#include "core/factorization/dual_solver.hpp"
#include "core/factorization/eigenbasis.hpp"
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

// Up to how many observations, as a share of the rank and in all, the dual way costs no more than exact
// solves or than blocks. The eigenvectors of larger ranks take half a second in which nothing can be
// cancelled.
constexpr double kDualShare = .6;
constexpr int kLongestDualRow = 96, kLongestDualRowBesideBlocks = 64, kLargestDualRank = 512;
constexpr double kEigenvectorCost = 24;  // times rank^3, in what RowCost counts

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

// The longest row that may be solved the dual way; -1: none.
int longest_dual_row(const Options& options) {
    const int rank = options.objective.rank;
    if (options.objective.has_biases() || rank > kLargestDualRank) return -1;
    return std::min(static_cast<int>(kDualShare * rank),
                    exact(options) ? kLongestDualRow : kLongestDualRowBesideBlocks);
}

void draw_users(Factors& users, const Options& options, Host& host) {
    const Objective& objective = options.objective;
    draw_factors(users, objective.rank, options.seed, options.threads, host);
    if (!objective.has_biases()) return;
    for (std::int64_t u = 0; u < users.rows(); u++) users.row(u)[one_column(Side::users, objective.rank)] = 1;
}

// One side of the matrix: solves all its rows.
class HalfStep {
  public:
    HalfStep(const SparseMatrix& rows, Side side, const Options& options, Host& host)
        : rows_(rows), side_(side), options_(options), chunks_(row_chunks(rows, cost(), kFlopsPerChunk)) {
        loss_.resize(chunks_.size() - 1);
        const Objective& objective = options.objective;
        if (!objective.has_biases()) base_gram_ = aligned_floats(base_gram_floats(objective.rank));
        if (dual_pays()) order_rows(host);
    }

    // Of the fixed side, what run() wants room for in an Eigenbasis.
    std::int64_t rows_to_rotate() const { return has_dual_rows() ? rows_.columns_count : 0; }

    // Replaces `solved`; returns the objective but for the regularization of `fixed`.
    double run(FactorsView fixed, Factors& solved, Eigenbasis& basis, Host& host) {
        const Objective& objective = options_.objective;
        if (!objective.has_biases()) base_gram(fixed, objective, base_gram_.get(), options_.threads, host);
        if (has_dual_rows()) basis.compute(fixed, base_gram_.get(), options_.threads, host);
        const FixedFactors against{fixed, base_gram_.get()};
        parallel_chunks(host, options_.threads, std::ssize(loss_), [&]() -> ChunkBody {
            if (exact(options_))
                return solving(std::make_shared<RowSolver>(objective, side_, RowSolver::most_rows(objective)),
                               against, basis, solved);
            return solving(std::make_shared<BlockSolver>(objective, chosen_block(options_), longest_row()),
                           against, basis, solved);
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

    std::int64_t size(std::int64_t r) const { return rows_.start[r + 1] - rows_.start[r]; }

    std::int64_t longest_row() const {
        std::int64_t longest = 0;
        for (std::int64_t r = 0; r < rows_.rows(); r++) longest = std::max(longest, size(r));
        return longest;
    }

    bool is_dual(std::int64_t r) const { return size(r) <= longest_dual_row(options_); }
    bool has_dual_rows() const { return !order_.empty(); }

    // Whether it saves more than the eigenvectors and the rotation cost. A row without observations saves
    // what any row costs, the longest saves nothing.
    bool dual_pays() const {
        const double d = padded(options_.objective.rank), end = longest_dual_row(options_) + 1;
        double rows = 0;
        for (std::int64_t r = 0; r < rows_.rows(); r++)
            if (is_dual(r)) rows += 1 - static_cast<double>(size(r)) / end;
        return rows * cost().per_row >
               d * d * (kEigenvectorCost * d + static_cast<double>(rows_.columns_count));
    }

    // In each chunk, those that are solved the dual way last, by their length.
    void order_rows(Host& host) {
        order_.resize(static_cast<std::size_t>(rows_.rows()));
        std::iota(order_.begin(), order_.end(), 0);
        const auto key = [&](std::int32_t r) { return std::pair(is_dual(r) ? size(r) : -1, r); };
        parallel_chunks(host, options_.threads, std::ssize(loss_), [&]() -> ChunkBody {
            return [&](std::int64_t c) {
                std::sort(order_.begin() + chunks_[c], order_.begin() + chunks_[c + 1],
                          [&](std::int32_t a, std::int32_t b) { return key(a) < key(b); });
            };
        });
    }

    std::int64_t row_at(std::int64_t place) const { return has_dual_rows() ? order_[place] : place; }

    std::int64_t first_dual(std::int64_t chunk) const {
        if (!has_dual_rows()) return chunks_[chunk + 1];
        return std::partition_point(order_.begin() + chunks_[chunk], order_.begin() + chunks_[chunk + 1],
                                    [&](std::int32_t r) { return !is_dual(r); }) -
               order_.begin();
    }

    template <class Solver>
    ChunkBody solving(std::shared_ptr<Solver> solver, const FixedFactors& fixed, const Eigenbasis& basis,
                      Factors& solved) {
        std::shared_ptr<DualSolver> dual;
        if (has_dual_rows())
            dual = std::make_shared<DualSolver>(options_.objective, basis, longest_dual_row(options_));
        return [this, solver, dual, fixed, &solved](std::int64_t chunk) {
            const std::int64_t middle = first_dual(chunk);
            loss_[chunk] = solve_rows(*solver, chunks_[chunk], middle, fixed, solved);
            if (dual) loss_[chunk] += solve_rows(*dual, middle, chunks_[chunk + 1], fixed, solved);
        };
    }

    template <class Solver>
    double solve_rows(Solver& solver, std::int64_t first, std::int64_t last, const FixedFactors& fixed,
                      Factors& solved) const {
        RowTask tasks[kLanes];
        double loss = 0;
        while (first < last) {
            const std::span<const RowTask> batch = next_batch(solver, first, last, solved, tasks);
            loss += solver.solve(fixed, batch);
            first += std::ssize(batch);
        }
        return loss;
    }

    // As many of the places [first, last) as the solver takes at a time, at least one.
    template <class Solver>
    std::span<const RowTask> next_batch(const Solver& solver, std::int64_t first, std::int64_t last,
                                        Factors& solved, RowTask (&tasks)[kLanes]) const {
        int count = 0;
        std::int64_t observations = 0;
        for (; first + count < last && count < solver.most_rows(); count++) {
            const std::int64_t r = row_at(first + count);
            observations += size(r);
            if (count > 0 && observations > solver.most_observations()) break;
            tasks[count] = {rows_.row(r), solved.row(r)};
        }
        return {tasks, static_cast<std::size_t>(count)};
    }

    const SparseMatrix& rows_;
    const Side side_;
    const Options& options_;
    const std::vector<std::int64_t> chunks_;
    std::vector<std::int32_t> order_;  // of the rows, in their chunks; empty: as they are
    std::vector<double> loss_;         // per chunk, so that their sum does not depend on the threads
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
    HalfStep solve_items(by_item, Side::items, options, host),
        solve_users(by_user, Side::users, options, host);
    Eigenbasis basis(std::max(solve_items.rows_to_rotate(), solve_users.rows_to_rotate()),
                     options.objective.rank);
    for (int iteration = 1; iteration <= options.iterations; iteration++) {
        solve_items.run(model.users.view(), model.items, basis, host);
        const double loss = solve_users.run(model.items.view(), model.users, basis, host) +
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
    const int dual_row = longest_dual_row(options);
    const std::size_t dual = dual_row < 0 ? 0 : DualSolver::memory(objective, dual_row);
    const std::size_t basis = Eigenbasis::memory(dual_row < 0 ? 0 : std::max(users, items), objective.rank);
    const std::size_t rows =  // the chunks and the order of them
        static_cast<std::size_t>(users + items) * (2 * sizeof(std::int64_t) + sizeof(std::int32_t));
    const std::size_t grams =
        objective.has_biases() ? 0 : 2 * sizeof(float) * base_gram_floats(objective.rank);
    return Factors::memory(users, objective.width()) + Factors::memory(items, objective.width()) + rows +
           basis + grams + static_cast<std::size_t>(std::max(1, options.threads)) * (solver + dual);
}

}  // namespace personalize::core::als
