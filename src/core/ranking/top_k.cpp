#include "core/ranking/top_k.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/runtime/parallel.hpp"
#include "core/runtime/vectors.hpp"

namespace personalize::core {

namespace {

bool better(const Scored& a, const Scored& b) {
    return a.score > b.score || (a.score == b.score && a.index < b.index);
}

// The best k of a stream: a buffer that is cut back to the k best whenever it is full.
class Best {
  public:
    void reset(int k, std::int64_t most) {
        k_ = static_cast<std::size_t>(std::clamp<std::int64_t>(k, 0, most));
        kept_.clear();
        kept_.reserve(k_ + kSlack);
        threshold_ =
            k_ > 0 ? -std::numeric_limits<float>::infinity() : std::numeric_limits<float>::infinity();
    }

    // No item with a lower score is among the best.
    float threshold() const noexcept { return threshold_; }

    void offer(std::int32_t index, float score) {
        if (!(score >= threshold_) || k_ == 0) return;
        kept_.push_back({index, score});
        if (kept_.size() == k_ + kSlack) cut();
    }

    std::span<const Scored> finish() {
        if (kept_.size() > k_) cut();
        std::sort(kept_.begin(), kept_.end(), better);
        return kept_;
    }

  private:
    static constexpr std::size_t kSlack = 64;

    void cut() {
        const auto last = kept_.begin() + static_cast<std::ptrdiff_t>(k_) - 1;
        std::nth_element(kept_.begin(), last, kept_.end(), better);
        threshold_ = last->score;
        kept_.resize(k_);
    }

    std::size_t k_ = 0;
    float threshold_ = 0;
    std::vector<Scored> kept_;
};

// What the scan will read when it is this many vectors of items further.
constexpr int kPrefetchVectors = 4;

// Offers the items [first, first + kLanes) to `best`, but for those that `excluded` names.
template <class Excluded>
PERSONALIZE_INLINE void offer_items(FactorsView items, std::int64_t first, const float* user, float offset,
                                    Best& best, Excluded&& excluded) {
    const int count = static_cast<int>(std::min<std::int64_t>(kLanes, items.rows - first));
    const float* rows[kLanes];
    PERSONALIZE_UNROLL
    for (int r = 0; r < kLanes; r++) rows[r] = items.row(first + std::min(r, count - 1));
    const Lanes scores = splat(offset) + dot_rows(rows, user, items.stride);
    if (!any_at_least(scores, best.threshold())) return;
    alignas(64) float score[kLanes];
    store(score, scores);
    for (int r = 0; r < count; r++) {
        const auto item = static_cast<std::int32_t>(first + r);
        if (score[r] >= best.threshold() && !excluded(item)) best.offer(item, score[r]);
    }
}

void prefetch_items(FactorsView items, std::int64_t first) {
    const float* p = items.row(std::min(first, items.rows));
    const float* const end = items.row(std::min(first + kLanes, items.rows));
    for (; p < end; p += kRowAlignment) __builtin_prefetch(p);
}

void append(std::span<const Scored> best, std::vector<Scored>& result) {
    result.assign(best.begin(), best.end());
}

}  // namespace

void ItemSet::reset(std::int64_t items) { words_.assign(static_cast<std::size_t>((items + 63) / 64), 0); }

void top_items(FactorsView items, const float* user, float offset, const ItemSet* excluded, int k,
               std::vector<Scored>& result) {
    Best best;
    best.reset(k, items.rows);
    for (std::int64_t first = 0; first < items.rows; first += kLanes) {
        prefetch_items(items, first + kPrefetchVectors * kLanes);
        offer_items(items, first, user, offset, best,
                    [&](std::int32_t item) { return excluded != nullptr && excluded->contains(item); });
    }
    append(best.finish(), result);
}

float score(FactorsView items, const float* user, float offset, std::int32_t item) noexcept {
    const float* rows[kLanes];
    std::fill_n(rows, kLanes, items.row(item));
    alignas(64) float scores[kLanes];
    store(scores, splat(offset) + dot_rows(rows, user, items.stride));
    return scores[0];
}

void top_candidates(FactorsView items, const float* user, float offset, const ItemSet* excluded,
                    std::span<const std::int32_t> candidates, int k, std::vector<Scored>& result) {
    std::vector<std::int32_t> distinct(candidates.begin(), candidates.end());
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    if (excluded != nullptr)
        std::erase_if(distinct, [&](std::int32_t item) { return excluded->contains(item); });
    Best best;
    best.reset(k, std::ssize(distinct));
    for (std::size_t first = 0; first < distinct.size(); first += kLanes) {
        const std::size_t count = std::min<std::size_t>(kLanes, distinct.size() - first);
        const float* rows[kLanes];
        for (std::size_t r = 0; r < kLanes; r++)
            rows[r] = items.row(distinct[first + std::min(r, count - 1)]);
        alignas(64) float scores[kLanes];
        store(scores, splat(offset) + dot_rows(rows, user, items.stride));
        for (std::size_t r = 0; r < count; r++) best.offer(distinct[first + r], scores[r]);
    }
    append(best.finish(), result);
}

namespace {

constexpr std::int64_t kUsersPerChunk = 32;
constexpr std::int64_t kItemsPerBlock = 64;  // stay in the first-level cache while the users pass by

struct Seen {
    const std::int32_t *next, *end;
    bool contains(std::int32_t item) {  // items are asked for in ascending order
        while (next < end && *next < item) next++;
        return next < end && *next == item;
    }
};

struct UserBlock {
    Best best[kUsersPerChunk];
    Seen seen[kUsersPerChunk];
};

}  // namespace

void top_items_for_all(FactorsView users, FactorsView items, float offset, const std::int64_t* seen_start,
                       const std::int32_t* seen_items, std::int64_t first, std::int64_t count, int k,
                       int threads, Host& host, std::vector<Scored>& result) {
    const auto per_user = static_cast<std::size_t>(std::max(k, 0));
    result.assign(static_cast<std::size_t>(count) * per_user, {-1, 0});
    const std::int64_t chunks = (count + kUsersPerChunk - 1) / kUsersPerChunk;
    parallel_chunks(host, threads, chunks, [&]() -> ChunkBody {
        auto block = std::make_shared<UserBlock>();
        return [&, block](std::int64_t chunk) {
            const std::int64_t from = chunk * kUsersPerChunk, n = std::min(kUsersPerChunk, count - from);
            for (std::int64_t u = 0; u < n; u++) {
                const std::int64_t user = first + from + u;
                block->best[u].reset(k, items.rows);
                block->seen[u] = {seen_items + seen_start[user], seen_items + seen_start[user + 1]};
            }
            for (std::int64_t item = 0; item < items.rows; item += kItemsPerBlock) {
                for (std::int64_t u = 0; u < n; u++) {
                    const float* const user = users.row(first + from + u);
                    for (std::int64_t i = item; i < std::min(item + kItemsPerBlock, items.rows); i += kLanes)
                        offer_items(items, i, user, offset, block->best[u], [&](std::int32_t candidate) {
                            return block->seen[u].contains(candidate);
                        });
                }
                stop_point();
            }
            for (std::int64_t u = 0; u < n; u++) {
                const auto best = block->best[u].finish();
                std::copy(best.begin(), best.end(),
                          result.begin() + (from + u) * static_cast<std::int64_t>(per_user));
            }
        };
    });
}

void most_similar(FactorsView rows, int rank, const float* query, std::int32_t self, int k,
                  std::vector<Scored>& result) {
    double query_square = 0;
    for (int j = 0; j < rank; j++) query_square += static_cast<double>(query[j]) * query[j];
    Best best;
    best.reset(query_square > 0 ? k : 0, rows.rows);
    for (std::int64_t r = 0; r < rows.rows; r++) {
        const float* const row = rows.row(r);
        double product = 0, square = 0;
        for (int j = 0; j < rank; j++) {
            product += static_cast<double>(query[j]) * row[j];
            square += static_cast<double>(row[j]) * row[j];
        }
        if (square > 0 && r != self)
            best.offer(static_cast<std::int32_t>(r),
                       static_cast<float>(std::clamp(product / std::sqrt(query_square * square), -1.0, 1.0)));
    }
    append(best.finish(), result);
}

}  // namespace personalize::core
