// Bulk ranking: a matrix product of users and items in tiles that stay in registers. What a tile scores is
// compared with what its users have, and never stored.
#include <algorithm>
#include <array>
#include <bit>
#include <memory>

#include "core/ranking/best.hpp"
#include "core/ranking/item_order.hpp"
#include "core/ranking/top_k.hpp"
#include "core/runtime/parallel.hpp"
#include "core/runtime/vectors.hpp"

namespace personalize::core {

namespace {

// The sums of a tile, a row of items and one user's factor fill the registers.
constexpr int kTileUsers = kLanes == 16 ? 12 : 6, kTileVectors = 2;
constexpr int kTileItems = kTileVectors * kLanes;
static_assert(kPanelItems % kTileItems == 0);

// A block of users passes by a panel of items while that stays in the first-level cache.
constexpr std::int64_t kMostTiles = 20;
// What the seen items and the best of a block may take.
constexpr std::size_t kBlockMemory = 4 << 20;
constexpr std::int64_t kPanelsPerStopPoint = 8;

// The items of each panel side by side: [panel][column][kPanelItems], zeros behind the last item.
class Panels {
  public:
    Panels(FactorsView items, const ItemOrder& order)
        : width_(items.width), factors_(panels_of(items.rows) * items.width, kPanelItems) {
        for (std::int64_t place = 0; place < items.rows; place++) {
            const float* const row = items.row(order.items[place]);
            float* const to = factors_.row(place / kPanelItems * width_) + place % kPanelItems;
            for (int k = 0; k < width_; k++) to[static_cast<std::ptrdiff_t>(k) * kPanelItems] = row[k];
        }
    }
    const float* panel(std::int64_t p) const noexcept { return factors_.row(p * width_); }

  private:
    int width_;
    Factors factors_;
};

struct Job {
    FactorsView users, items;
    float offset;
    const SeenItems& seen;
    int k;
    ItemOrder order;
    Panels panels;
};

using Sums = Lanes[kTileUsers][kTileVectors];

// `users`: [width][kTileUsers]; `items`: [width][kPanelItems].
PERSONALIZE_INLINE void multiply(const float* users, const float* items, int width, Sums& sums) {
    PERSONALIZE_UNROLL
    for (int u = 0; u < kTileUsers; u++) {
        PERSONALIZE_UNROLL
        for (int v = 0; v < kTileVectors; v++) sums[u][v] = Lanes{};
    }
    for (int k = 0; k < width; k++, users += kTileUsers, items += kPanelItems) {
        Lanes right[kTileVectors];
        PERSONALIZE_UNROLL
        for (int v = 0; v < kTileVectors; v++) right[v] = load(items + v * kLanes);
        PERSONALIZE_UNROLL
        for (int u = 0; u < kTileUsers; u++) {
            const Lanes left = splat(users[u]);
            PERSONALIZE_UNROLL
            for (int v = 0; v < kTileVectors; v++) sums[u][v] = multiply_add(left, right[v], sums[u][v]);
        }
    }
}

struct Tile {
    std::array<ScoreLimit, kTileUsers> limits;
    std::array<float, kTileUsers> thresholds;  // infinite where there is no user

    bool done(PanelLimit panel) const noexcept {
        bool all = true;
        for (int u = 0; u < kTileUsers; u++) all &= limits[u].below(panel, thresholds[u]);
        return all;
    }
};

// What a thread needs to rank up to `tiles` times kTileUsers users.
class Block {
  public:
    Block(const Job& job, std::int64_t tiles)
        : job_(job),
          tiles_(static_cast<std::size_t>(tiles)),
          best_(static_cast<std::size_t>(tiles) * kTileUsers),
          seen_(best_.size()) {
        for (ItemSet& seen : seen_) seen.reset(job.items.rows);
    }

    // Ranks users [first, first + count) into result.
    void rank(std::int64_t first, std::int64_t count, Scored* result) {
        const auto tiles = static_cast<std::int64_t>(begin(first, count));
        running_.resize(static_cast<std::size_t>(tiles));
        for (std::int64_t t = 0; t < tiles; t++) running_[t] = static_cast<std::int32_t>(t);
        for (std::size_t panel = 0; panel < job_.order.limits.size() && !running_.empty(); panel++) {
            const PanelLimit limit = job_.order.limits[panel];
            std::erase_if(running_, [&](std::int32_t t) { return tiles_[t].done(limit); });
            for (const std::int32_t t : running_) score_panel(t, static_cast<std::int64_t>(panel));
            if (panel % kPanelsPerStopPoint == 0) stop_point();
        }
        for (std::int64_t u = 0; u < count; u++) {
            const auto best = best_[u].finish();
            std::copy(best.begin(), best.end(), result + u * job_.k);
            job_.seen.for_each(first + u, [&seen = seen_[u]](std::int32_t item) { seen.erase(item); });
        }
    }

  private:
    // One user's factors are a column of the tile's.
    float* column(std::int64_t user) {
        return packed_.data() + user / kTileUsers * kTileUsers * job_.users.width + user % kTileUsers;
    }

    std::int64_t begin(std::int64_t first, std::int64_t count) {
        const std::int64_t tiles = (count + kTileUsers - 1) / kTileUsers, width = job_.users.width;
        packed_.resize(static_cast<std::size_t>(tiles * kTileUsers * width));
        for (std::int64_t u = 0; u < tiles * kTileUsers; u++) {
            Tile& tile = tiles_[u / kTileUsers];
            const bool exists = u < count;
            best_[u].reset(exists ? job_.k : 0, job_.items.rows);
            tile.thresholds[u % kTileUsers] = best_[u].threshold();
            const float* const factors = job_.users.row(first + std::min(u, count - 1));
            for (std::int64_t k = 0; k < width; k++) column(u)[k * kTileUsers] = factors[k];
            tile.limits[u % kTileUsers] = ScoreLimit(job_.order.columns, factors, job_.offset);
            if (exists)
                job_.seen.for_each(first + u, [&seen = seen_[u]](std::int32_t item) { seen.insert(item); });
        }
        return tiles;
    }

    void score_panel(std::int32_t t, std::int64_t panel) {
        Tile& tile = tiles_[t];
        for (int part = 0; part < kPanelItems; part += kTileItems) {
            Sums sums;
            multiply(column(static_cast<std::int64_t>(t) * kTileUsers), job_.panels.panel(panel) + part,
                     job_.users.width, sums);
            PERSONALIZE_UNROLL
            for (int u = 0; u < kTileUsers; u++) {
                std::uint32_t reached = 0;
                PERSONALIZE_UNROLL
                for (int v = 0; v < kTileVectors; v++) {
                    sums[u][v] += splat(job_.offset);
                    reached |= lanes_not_below(sums[u][v], splat(tile.thresholds[u])) << v * kLanes;
                }
                if (__builtin_expect(reached != 0, 0))
                    tile.thresholds[u] = offer(static_cast<std::size_t>(t) * kTileUsers + u,
                                               panel * kPanelItems + part, sums[u], reached);
            }
        }
    }

    // Those of the scores of the items from `place` on that have reached the user's threshold. Returns the
    // new one.
    __attribute__((noinline)) float offer(std::size_t user, std::int64_t place,
                                          const Lanes (&scores)[kTileVectors], std::uint32_t reached) {
        alignas(64) float score[kTileItems];
        for (int v = 0; v < kTileVectors; v++) store(score + v * kLanes, scores[v]);
        for (; reached != 0; reached &= reached - 1) {
            const int l = std::countr_zero(reached);
            if (place + l >= job_.items.rows) break;
            const std::int32_t item = job_.order.items[place + l];
            if (!seen_[user].contains(item)) best_[user].offer(item, score[l]);
        }
        return best_[user].threshold();
    }

    const Job& job_;
    std::vector<Tile> tiles_;
    std::vector<float> packed_;  // [tile][column][kTileUsers]
    std::vector<Best> best_;
    std::vector<ItemSet> seen_;
    std::vector<std::int32_t> running_;  // tiles with users for whom there may be better items
};

std::int64_t tiles_per_block(std::int64_t count, std::int64_t items, int k) {
    const std::size_t per_user =
        static_cast<std::size_t>(items) / 8 + Best::memory(static_cast<std::size_t>(k));
    const auto in_memory = static_cast<std::int64_t>(kBlockMemory / (kTileUsers * (per_user + 1)));
    // Enough blocks to divide among threads.
    const std::int64_t shared = count / (kTileUsers * 16);
    return std::clamp<std::int64_t>(std::min(in_memory, shared), 1, kMostTiles);
}

}  // namespace

void top_items_for_all(FactorsView users, FactorsView items, float offset, const SeenItems& seen,
                       std::int64_t first, std::int64_t count, int k, int threads, Host& host,
                       std::vector<Scored>& result) {
    result.assign(static_cast<std::size_t>(count) * static_cast<std::size_t>(std::max(k, 0)), {-1, 0});
    if (result.empty() || items.rows == 0) return;
    ItemOrder order(items, Columns::of(items), typical_length(users, first, count));
    Panels panels(items, order);
    const Job job{users, items, offset, seen, k, std::move(order), std::move(panels)};
    const int most = static_cast<int>(std::min<std::int64_t>(k, items.rows));
    const std::int64_t tiles = tiles_per_block(count, items.rows, most), per_block = tiles * kTileUsers;
    parallel_chunks(host, threads, (count + per_block - 1) / per_block, [&]() -> ChunkBody {
        auto block = std::make_shared<Block>(job, tiles);
        return [&, block](std::int64_t chunk) {
            const std::int64_t from = chunk * per_block;
            block->rank(first + from, std::min(per_block, count - from), result.data() + from * k);
        };
    });
}

}  // namespace personalize::core
