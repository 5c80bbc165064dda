#include "core/segments/seeds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/segments/nearest_centroid.hpp"
#include "core/segments/point_chunks.hpp"

namespace personalize::core {

namespace {

class Seeding {
  public:
    Seeding(const Points& points, Random& random, int threads, Host& host)
        : points_(points),
          chunks_(points.rows, points.columns()),
          random_(random),
          threads_(threads),
          host_(host),
          nearest_(static_cast<std::size_t>(points.rows), std::numeric_limits<float>::infinity()),
          sums_(static_cast<std::size_t>(chunks_.count())) {}

    void take(std::int64_t seed) {
        chunks_.run(threads_, host_, [&] {
            return [&, memory = ScanMemory()](std::int64_t chunk, std::int64_t first,
                                              std::int64_t last) mutable {
                sums_[chunk] = take_seed(points_, seed, nearest_.data(), first, last, memory);
            };
        });
        total_ = std::accumulate(sums_.begin(), sums_.end(), 0.);
    }

    // False: every point is where a seed is.
    bool any_left() const noexcept { return total_ > 0; }

    std::int64_t best_of(int trials) {
        std::vector<std::int64_t> candidates;
        for (int t = 0; t < trials; t++) candidates.push_back(draw());
        std::vector<double> potentials(static_cast<std::size_t>(trials * chunks_.count()));
        chunks_.run(threads_, host_, [&] {
            return [&, memory = ScanMemory()](std::int64_t chunk, std::int64_t first,
                                              std::int64_t last) mutable {
                sum_potentials(points_, candidates, nearest_.data(), first, last, memory,
                               potentials.data() + chunk * trials);
            };
        });
        for (std::size_t k = static_cast<std::size_t>(trials); k < potentials.size(); k++)
            potentials[k % static_cast<std::size_t>(trials)] += potentials[k];
        return candidates[std::min_element(potentials.begin(), potentials.begin() + trials) -
                          potentials.begin()];
    }

  private:
    std::int64_t draw() {
        double rest = random_.uniform() * total_;
        std::int64_t chunk = 0;
        while (chunk + 1 < chunks_.count() && rest >= sums_[chunk]) rest -= sums_[chunk++];
        std::int64_t found = -1;
        for (std::int64_t r = chunks_.first(chunk); r < chunks_.last(chunk); r++) {
            if (nearest_[r] == 0) continue;
            found = r;
            if ((rest -= nearest_[r]) < 0) break;
        }
        // A last chunk without chances is reached by roundings only.
        return found >= 0 ? found : std::max_element(nearest_.begin(), nearest_.end()) - nearest_.begin();
    }

    const Points& points_;
    const PointChunks chunks_;
    Random& random_;
    const int threads_;
    Host& host_;
    BulkVector<float> nearest_;  // squared distance to the nearest seed
    std::vector<double> sums_;   // of it over each chunk
    double total_ = 0;
};

}  // namespace

std::vector<std::int64_t> choose_seeds(const Points& points, int k, Random& random, int threads, Host& host) {
    Seeding seeding(points, random, threads, host);
    const int trials = 2 + static_cast<int>(std::log(k));
    std::vector<std::int64_t> seeds{
        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(points.rows)))};
    seeding.take(seeds.back());
    while (std::ssize(seeds) < k && seeding.any_left()) {
        seeds.push_back(seeding.best_of(trials));
        seeding.take(seeds.back());
    }
    return seeds;
}

}  // namespace personalize::core
