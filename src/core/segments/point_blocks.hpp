// Distances from points to a block of points.
#pragma once

#include <cstdint>

namespace personalize::core {

inline constexpr int kBlockPoints = 16;

// block[j * kBlockPoints + l]: coordinate j of the block's point l. squares[l]: its squared distance.
void block_distances(const double* block, const double* point, int columns, double* squares);

// For each of `count` points the block's points whose squared distance, as above, is at most `square`: bit l
// of near[k] is for point l.
void near_in_block(const double* block, const double* const* points, int count, int columns, double square,
                   std::uint16_t* near);

}  // namespace personalize::core
