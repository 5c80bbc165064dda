// train_mf: matrix factorization of a ratings table.
#include "pg/bridge/unused_memory.hpp"
#include "pg/training/mf_trainer.hpp"
#include "pg/training/run_training.hpp"

PERSONALIZE_FUNCTION(train_mf) {
    using namespace personalize::pg;
    const ReturnsUnusedMemory at_end;
    return summary_datum(fcinfo, run_training(TrainerOf(parse_mf_request(Arguments(fcinfo)))));
}
