// train_hybrid: a blend of models that there are.
#include "pg/bridge/unused_memory.hpp"
#include "pg/training/hybrid_training.hpp"

PERSONALIZE_FUNCTION(train_hybrid) {
    using namespace personalize::pg;
    const ReturnsUnusedMemory at_end;
    return summary_datum(fcinfo, train_hybrid(parse_hybrid_request(Arguments(fcinfo))));
}
