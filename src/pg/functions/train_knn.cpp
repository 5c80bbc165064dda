// train_knn: neighbours of items by what users rated.
#include "pg/bridge/unused_memory.hpp"
#include "pg/training/knn_trainer.hpp"
#include "pg/training/run_training.hpp"

PERSONALIZE_FUNCTION(train_knn) {
    using namespace personalize::pg;
    const ReturnsUnusedMemory at_end;
    return summary_datum(fcinfo, run_training(TrainerOf(parse_knn_request(Arguments(fcinfo)))));
}
