#include "core/segments/dbscan.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/runtime/error.hpp"
#include "core/runtime/parallel.hpp"
#include "core/segments/kd_search.hpp"

namespace personalize::core::dbscan {

namespace {

// Sets that several threads join; the lowest member stands for its set.
class Components {
  public:
    explicit Components(std::int64_t count) : parent_(static_cast<std::size_t>(count)) {
        for (std::int64_t p = 0; p < count; p++) parent_[p].store(static_cast<std::int32_t>(p), kRelaxed);
    }

    std::int32_t find(std::int32_t p) noexcept {
        for (;;) {
            std::int32_t above = parent_[p].load(kRelaxed);
            if (above == p) return p;
            const std::int32_t next = parent_[above].load(kRelaxed);
            if (next == above) return above;
            parent_[p].compare_exchange_weak(above, next, kRelaxed);  // halves the path
            p = next;
        }
    }

    void join(std::int32_t a, std::int32_t b) noexcept {
        for (;;) {
            a = find(a);
            b = find(b);
            if (a == b) return;
            if (a < b) std::swap(a, b);
            std::int32_t root = a;
            if (parent_[a].compare_exchange_strong(root, b, kRelaxed)) return;
        }
    }

  private:
    static constexpr auto kRelaxed = std::memory_order_relaxed;
    std::vector<std::atomic<std::int32_t>> parent_;
};

class Search {
  public:
    Search(std::span<const double> points, int columns, const Options& options, Host& host)
        : tree_(points, columns, options.threads, host),
          options_(options),
          host_(host),
          square_(options.eps * options.eps),
          is_core_(static_cast<std::size_t>(tree_.rows())),
          whole_(static_cast<std::size_t>(tree_.blocks())),
          components_(tree_.rows()) {}

    Model run() {
        for_blocks([this](std::int64_t b) { find_cores(b); });
        for_blocks([this](std::int64_t b) { join_within(b); });
        for_blocks([this](std::int64_t b) { join_neighbours(b, 0); });
        BulkVector<std::int32_t> at(static_cast<std::size_t>(tree_.rows()));  // root of each place, or kNoise
        for_blocks([&](std::int64_t b) {
            for (std::int64_t p = start(b); p < end(b); p++)
                at[p] = is_core_[p] ? components_.find(static_cast<std::int32_t>(p)) : nearest_root(p);
        });
        return number(at);
    }

  private:
    static std::int64_t start(std::int64_t block) noexcept { return block * kBlockPoints; }
    std::int64_t end(std::int64_t block) const noexcept { return start(block) + tree_.block_size(block); }

    template <class Body>
    void for_blocks(Body body) {
        parallel_chunks(host_, options_.threads, tree_.blocks(), [&]() -> ChunkBody { return body; });
    }

    // Points of a block that look for neighbours in another one.
    struct Query {
        int count = 0, lane[kBlockPoints];
        const double* points[kBlockPoints];
        std::uint16_t near[kBlockPoints];

        void add(int l, const double* point) noexcept {
            lane[count] = l;
            points[count++] = point;
        }
        void find_near(const KdTree& tree, std::int64_t block, double square) {
            near_in_block(tree.block(block), points, count, tree.columns(), square, near);
        }
    };

    // Neighbours of a block's points are counted until each has enough.
    struct Counts {
        std::int64_t block;
        std::int32_t leaf;
        int missing[kBlockPoints];  // neighbours
        int open;                   // points that lack some
    };

    void find_cores(std::int64_t b) {
        Counts counts{b, tree_.leaf_of(b), {}, tree_.block_size(b)};
        std::fill_n(counts.missing, kBlockPoints, options_.min_points);
        count_neighbours(counts, 0);
        for (int l = 0; l < tree_.block_size(b); l++) is_core_[start(b) + l] = counts.missing[l] <= 0;
    }

    void count_neighbours(Counts& counts, std::int32_t node) {
        const KdTree::Node& there = tree_.nodes()[node];
        const double least = tree_.least(counts.leaf, node);
        if (counts.open == 0 || least > square_ * kBoxUp) return;
        if (tree_.greatest(counts.leaf, node) < square_ * kBoxDown) {
            const std::int64_t last = std::min(there.last * kBlockPoints, tree_.rows());
            count_all(counts, last - there.first * kBlockPoints);
        } else if (there.left < 0) {
            count_block(counts, there.first);
        } else {
            const bool left_first =
                tree_.least(counts.leaf, there.left) <= tree_.least(counts.leaf, there.right);
            count_neighbours(counts, left_first ? there.left : there.right);
            count_neighbours(counts, left_first ? there.right : there.left);
        }
    }

    void count_all(Counts& counts, std::int64_t neighbours) {
        for (int l = 0; l < tree_.block_size(counts.block); l++) count(counts, l, neighbours);
    }

    void count_block(Counts& counts, std::int64_t block) {
        stop_point();
        Query query;
        for (int l = 0; l < tree_.block_size(counts.block); l++)
            if (counts.missing[l] > 0) query.add(l, tree_.point_at(start(counts.block) + l));
        query.find_near(tree_, block, square_);
        for (int k = 0; k < query.count; k++) count(counts, query.lane[k], std::popcount(query.near[k]));
    }

    static void count(Counts& counts, int l, std::int64_t neighbours) {
        if (counts.missing[l] <= 0) return;
        counts.missing[l] -= static_cast<int>(std::min<std::int64_t>(neighbours, counts.missing[l]));
        counts.open -= counts.missing[l] == 0;
    }

    // Joins the core points of two blocks that are neighbours; of one block when they are the same.
    void join_blocks(std::int64_t a, std::int64_t b) {
        stop_point();
        Query query;
        for (std::int64_t p = start(a); p < end(a); p++)
            if (is_core_[p]) query.add(static_cast<int>(p - start(a)), tree_.point_at(p));
        query.find_near(tree_, b, square_);
        for (int k = 0; k < query.count; k++)
            for (unsigned near = query.near[k]; near != 0; near &= near - 1) {
                const std::int64_t p = start(a) + query.lane[k], q = start(b) + std::countr_zero(near);
                if (is_core_[q]) components_.join(static_cast<std::int32_t>(p), static_cast<std::int32_t>(q));
            }
    }

    void join_within(std::int64_t b) {
        join_blocks(b, b);
        whole_[b] = in_one_piece(b);
    }

    // The first core point of a block, or -1.
    std::int64_t first_core(std::int64_t b) const noexcept {
        for (std::int64_t p = start(b); p < end(b); p++)
            if (is_core_[p]) return p;
        return -1;
    }

    bool in_one_piece(std::int64_t b) noexcept {
        const std::int64_t first = first_core(b);
        for (std::int64_t p = first; p >= 0 && p < end(b); p++)
            if (is_core_[p] && components_.find(static_cast<std::int32_t>(p)) !=
                                   components_.find(static_cast<std::int32_t>(first)))
                return false;
        return true;
    }

    // With the blocks before it: each pair is looked at once.
    void join_neighbours(std::int64_t b, std::int32_t node) {
        const KdTree::Node& there = tree_.nodes()[node];
        const std::int32_t leaf = tree_.leaf_of(b);
        if (there.first >= b || tree_.least(leaf, node) > square_ * kBoxUp) return;
        if (there.left >= 0) {
            join_neighbours(b, there.left);
            join_neighbours(b, there.right);
            return;
        }
        const std::int64_t own = first_core(b), other = first_core(there.first);
        if (own < 0 || other < 0) return;
        if (whole_[b] && whole_[there.first]) {
            const auto p = static_cast<std::int32_t>(own), q = static_cast<std::int32_t>(other);
            if (components_.find(p) == components_.find(q)) return;
            if (tree_.greatest(leaf, node) < square_ * kBoxDown) return components_.join(p, q);
        }
        join_blocks(b, there.first);
    }

    // Of the nearest core point among a place's neighbours, or kNoise.
    std::int32_t nearest_root(std::int64_t place) {
        NearestPlace search(tree_, square_, [this](std::int64_t p) { return is_core_[p] != 0; });
        const std::int64_t nearest = search.find(tree_.point_at(place));
        return nearest < 0 ? kNoise : components_.find(static_cast<std::int32_t>(nearest));
    }

    struct Segment {
        std::int32_t root;
        std::int64_t size;
        std::int64_t least;  // place of its least core point
    };

    std::vector<Segment> segments(const BulkVector<std::int32_t>& root_at) {
        std::vector<std::int32_t> index(root_at.size(), -1);
        std::vector<Segment> found;
        for (std::int64_t p = 0; p < tree_.rows(); p++) {
            if (p % 4096 == 0) host_.poll();
            if (root_at[p] == kNoise) continue;
            std::int32_t& at = index[root_at[p]];
            if (at < 0) {
                at = static_cast<std::int32_t>(std::ssize(found));
                found.push_back({root_at[p], 0, root_at[p]});
            }
            Segment& segment = found[at];
            segment.size++;
            if (is_core_[p] &&
                is_less_point(tree_.point_at(p), tree_.point_at(segment.least), tree_.columns()))
                segment.least = p;
        }
        std::sort(found.begin(), found.end(), [this](const Segment& a, const Segment& b) {
            if (a.size != b.size) return a.size > b.size;
            return is_less_point(tree_.point_at(a.least), tree_.point_at(b.least), tree_.columns());
        });
        return found;
    }

    Model number(const BulkVector<std::int32_t>& root_at) {
        Model model;
        std::vector<std::int32_t> number(root_at.size(), kNoise);
        for (const Segment& segment : segments(root_at)) {
            number[segment.root] = model.segments();
            model.sizes.push_back(segment.size);
        }
        model.segment.resize(root_at.size());
        model.core.resize(root_at.size());
        for (std::int64_t p = 0; p < tree_.rows(); p++) {
            const std::int32_t row = tree_.row_at(p);
            model.segment[row] = root_at[p] == kNoise ? kNoise : number[root_at[p]];
            model.core[row] = is_core_[p];
            model.noise += root_at[p] == kNoise;
        }
        return model;
    }

    const KdTree tree_;
    const Options options_;
    Host& host_;
    const double square_;
    // A byte each, not a bit: threads write them.
    std::vector<std::uint8_t> is_core_;  // of each place
    std::vector<std::uint8_t> whole_;    // of each block: its core points are in one segment
    Components components_;
};

void check(std::span<const double> points, int columns, Host& host) {
    for (std::size_t k = 0; k < points.size(); k++) {
        if (k % 65536 == 0) host.poll();
        if (std::fabs(points[k]) <= kLargest) continue;
        char text[32];
        std::snprintf(text, sizeof text, "%g", points[k]);
        throw InvalidInput("feature " + std::to_string(k % static_cast<std::size_t>(columns) + 1) + " is " +
                               text + " in a row",
                           "Values up to 1e150 are possible: leave such rows out, or scale them.");
    }
}

}  // namespace

Model train(std::span<const double> points, int columns, const Options& options, Host& host) {
    check(points, columns, host);
    if (points.empty()) return {};
    return Search(points, columns, options, host).run();
}

std::size_t memory(std::int64_t rows, int columns) noexcept {
    return KdTree::memory(rows, columns) + static_cast<std::size_t>(rows) * (5 * sizeof(std::int32_t) + 2);
}

CorePoints::CorePoints(std::span<const double> cores, int columns, double eps, Host& host)
    : tree_(cores, columns, 1, host), square_(eps * eps) {}

std::int64_t CorePoints::nearest(const double* point) const {
    const std::int64_t place = NearestPlace(tree_, square_, [](std::int64_t) { return true; }).find(point);
    return place < 0 ? -1 : tree_.row_at(place);
}

}  // namespace personalize::core::dbscan
