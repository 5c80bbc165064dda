// Calls the kernels of the best instruction set that this machine has, or of the one that the environment
// names in PERSONALIZE_INSTRUCTION_SET, if it has that.
#include <cstdlib>
#include <cstring>

#include "core/dispatch/kernels.hpp"

namespace personalize::core {

extern "C" const Kernels personalize_kernels_baseline, personalize_kernels_v3, personalize_kernels_v4,
    personalize_kernels_v4_vnni;

namespace {

struct InstructionSet {
    const char* name;  // as the Makefile's INSTRUCTION_SETS
    const Kernels* kernels;
    bool available;
};

const Kernels& choose() noexcept {
    __builtin_cpu_init();
    const bool v3 = __builtin_cpu_supports("x86-64-v3"), v4 = __builtin_cpu_supports("x86-64-v4");
    const InstructionSet sets[] = {
        {"v4_vnni", &personalize_kernels_v4_vnni, v4 && __builtin_cpu_supports("avx512vnni")},
        {"v4", &personalize_kernels_v4, v4},
        {"v3", &personalize_kernels_v3, v3},
        {"baseline", &personalize_kernels_baseline, true},
    };
    const char* const wanted = std::getenv("PERSONALIZE_INSTRUCTION_SET");
    const Kernels* best = nullptr;
    for (const InstructionSet& set : sets) {
        if (!set.available) continue;
        if (wanted != nullptr && std::strcmp(wanted, set.name) == 0) return *set.kernels;
        if (best == nullptr) best = set.kernels;
    }
    return *best;
}

const Kernels& kernels() noexcept {
    static const Kernels& best = choose();
    return best;
}

}  // namespace

als::Model als::train(const SparseMatrix& by_user, const SparseMatrix& by_item, const Options& options,
                      Host& host) {
    return kernels().train_als(by_user, by_item, options, host);
}

std::size_t als::memory(std::int64_t users, std::int64_t items, const Options& options) noexcept {
    return kernels().memory_of_als(users, items, options);
}

sgd::Model sgd::train(const SparseMatrix& by_user, const Options& options, Host& host) {
    return kernels().train_sgd(by_user, options, host);
}

std::size_t sgd::memory(std::int64_t users, std::int64_t items, std::int64_t ratings,
                        const Options& options) noexcept {
    return kernels().memory_of_sgd(users, items, ratings, options);
}

gibbs::Model gibbs::train(const SparseMatrix& by_user, const SparseMatrix& by_item, const Options& options,
                          Host& host) {
    return kernels().train_gibbs(by_user, by_item, options, host);
}

std::size_t gibbs::memory(std::int64_t users, std::int64_t items, const Options& options) noexcept {
    return kernels().memory_of_gibbs(users, items, options);
}

void base_gram(FactorsView items, const Objective& objective, float* gram, int threads, Host& host) {
    kernels().base_gram(items, objective, gram, threads, host);
}

std::unique_ptr<FoldIn> FoldIn::of(const Objective& objective) { return kernels().fold_in(objective); }

std::unique_ptr<PosteriorFoldIn> PosteriorFoldIn::of(PosteriorView posterior) {
    return kernels().posterior_fold_in(posterior);
}

std::size_t PosteriorFoldIn::memory(int rank, int samples) noexcept {
    return kernels().memory_of_posterior_fold_in(rank, samples);
}

bool negative_inverse(SymmetricMatrix& a, int threads, Host& host) {
    return kernels().negative_inverse(a, threads, host);
}

void build_item_index(FactorsView items, const Columns& columns, float typical_length, ItemIndexSpace space) {
    kernels().build_item_index(items, columns, typical_length, space);
}

void top_items(FactorsView items, const ItemIndexView& index, const float* user, float offset,
               const ItemSet* excluded, int k, std::vector<Scored>& result) {
    kernels().top_items_by_index(items, index, user, offset, excluded, k, result);
}

void top_sums(FactorsView items, const ItemIndexView& index, const float* user, float offset,
              const float* added, const ItemSet* excluded, int k, std::vector<Scored>& result) {
    kernels().top_sums(items, index, user, offset, added, excluded, k, result);
}

void top_items(FactorsView items, const float* user, float offset, const ItemSet* excluded, int k,
               std::vector<Scored>& result) {
    kernels().top_items(items, user, offset, excluded, k, result);
}

void top_candidates(FactorsView items, const float* user, float offset, const ItemSet* excluded,
                    std::span<const std::int32_t> candidates, int k, std::vector<Scored>& result) {
    kernels().top_candidates(items, user, offset, excluded, candidates, k, result);
}

void score_all(FactorsView items, const float* user, float offset, float* scores) noexcept {
    kernels().score_all(items, user, offset, scores);
}

float score(FactorsView items, const float* user, float offset, std::int32_t item) noexcept {
    return kernels().score(items, user, offset, item);
}

void top_items_for_all(FactorsView users, FactorsView items, float offset, const SeenItems& seen,
                       std::int64_t first, std::int64_t count, int k, int threads, Host& host,
                       std::vector<Scored>& result) {
    kernels().top_items_for_all(users, items, offset, seen, first, count, k, threads, host, result);
}

void most_similar(FactorsView rows, int rank, const float* query, std::int32_t self, int k,
                  std::vector<Scored>& result) {
    kernels().most_similar(rows, rank, query, self, k, result);
}

void assign_points(const Points& points, const CentroidTable& centroids, const Movement& movement,
                   Assignment& assignment, std::int64_t first, std::int64_t last, ScanMemory& memory,
                   SegmentSums& changes) {
    kernels().assign_points(points, centroids, movement, assignment, first, last, memory, changes);
}

void nearest_centroids(const float* points, std::int64_t count, const CentroidTable& centroids,
                       ScanMemory& memory, std::int32_t* nearest) {
    kernels().nearest_centroids(points, count, centroids, memory, nearest);
}

void distances_to_centroids(const Points& points, const CentroidTable& centroids, const std::int32_t* segment,
                            std::int64_t first, std::int64_t last, double* squares) {
    kernels().distances_to_centroids(points, centroids, segment, first, last, squares);
}

void sum_potentials(const Points& points, std::span<const std::int64_t> candidates, const float* nearest,
                    std::int64_t first, std::int64_t last, ScanMemory& memory, double* sums) {
    kernels().sum_potentials(points, candidates, nearest, first, last, memory, sums);
}

double take_seed(const Points& points, std::int64_t seed, float* nearest, std::int64_t first,
                 std::int64_t last, ScanMemory& memory) {
    return kernels().take_seed(points, seed, nearest, first, last, memory);
}

void block_distances(const double* block, const double* point, int columns, double* squares) {
    kernels().block_distances(block, point, columns, squares);
}

void near_in_block(const double* block, const double* const* points, int count, int columns, double square,
                   std::uint16_t* near) {
    kernels().near_in_block(block, points, count, columns, square, near);
}

void sum_distances(const float* rows, int columns, std::span<const std::int64_t> start, std::int64_t first,
                   std::int64_t last, std::vector<float>& scratch, double* sums) {
    kernels().sum_distances(rows, columns, start, first, last, scratch, sums);
}

}  // namespace personalize::core
