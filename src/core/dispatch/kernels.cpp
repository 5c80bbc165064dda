// Compiled and linked with the kernels of one instruction set: PERSONALIZE_KERNELS, the only symbol of theirs
// that others see.
#include "core/dispatch/kernels.hpp"

using namespace personalize::core;

extern "C" constinit const Kernels PERSONALIZE_KERNELS{
    als::train, als::memory, sgd::train,     sgd::memory, base_gram,         FoldIn::of,   build_item_index,
    top_items,  top_items,   top_candidates, score,       top_items_for_all, most_similar,
};
