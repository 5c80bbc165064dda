#include "core/factorization/draw_factors.hpp"

#include <algorithm>
#include <cmath>

#include "core/runtime/parallel.hpp"
#include "core/runtime/random.hpp"

namespace personalize::core {

namespace {

constexpr std::int64_t kNormalsPerChunk = 1 << 16;  // a millisecond or two

}  // namespace

void draw_factors(Factors& factors, int rank, std::uint64_t seed, int threads, Host& host) {
    const double deviation = .1 / std::sqrt(rank);
    const std::int64_t rows = 1 + kNormalsPerChunk / rank;  // of a chunk
    parallel_chunks(host, threads, (factors.rows() + rows - 1) / rows, [&]() -> ChunkBody {
        return [&](std::int64_t chunk) {
            const std::int64_t end = std::min(factors.rows(), (chunk + 1) * rows);
            for (std::int64_t r = chunk * rows; r < end; r++) {
                Random random(seed, static_cast<std::uint64_t>(r));
                for (int k = 0; k < rank; k++)
                    factors.row(r)[k] = static_cast<float>(deviation * random.normal());
            }
        };
    });
}

}  // namespace personalize::core
