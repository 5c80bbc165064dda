// Divides a table of doubles in a file into segments, for bench/segments/compare.py.
//   segments lloyd FILE ROWS COLUMNS THREADS K ITERATIONS   from its first K rows as centroids
//   segments kmeans FILE ROWS COLUMNS THREADS K             as many restarts as train_kmeans makes; z-scored
//   first segments dbscan FILE ROWS COLUMNS THREADS EPS MIN_POINTS
// Prints the seconds (the least of 3; points already made) and the inertia or the number of segments; writes
// the segment of each row to FILE.labels.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "core/segments/dbscan.hpp"
#include "core/segments/feature_scaling.hpp"
#include "core/segments/kmeans.hpp"

using namespace personalize::core;

namespace {

struct Job {
    std::string file;
    std::vector<double> table;
    std::int64_t rows;
    int columns, threads;
};

template <class Run>
double least_seconds(Run run) {
    double least = 1e9;
    for (int k = 0; k < 3; k++) {
        const auto since = std::chrono::steady_clock::now();
        run();
        least =
            std::min(least, std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count());
    }
    return least;
}

void write_labels(const Job& job, const std::vector<std::int32_t>& labels) {
    std::ofstream(job.file + ".labels", std::ios::binary)
        .write(reinterpret_cast<const char*>(labels.data()),
               static_cast<std::streamsize>(labels.size() * sizeof labels[0]));
}

void run_kmeans(const Job& job, bool from_first_rows, int k, int iterations) {
    QuietHost host;
    kmeans::Options options;
    options.k = k;
    options.threads = job.threads;
    const auto axes = from_first_rows
                          ? std::vector<Axis>(static_cast<std::size_t>(job.columns))
                          : make_axes(job.table, job.columns, FeatureScaling::zscore, job.threads, host);
    const Points points = make_points(job.table, axes, job.threads, host);
    if (from_first_rows) {
        options.max_iterations = iterations;
        options.tolerance = 0;
    }
    kmeans::Model model;
    const double seconds = least_seconds([&] {
        const std::span first(job.table.data(),
                              static_cast<std::size_t>(k) * static_cast<std::size_t>(job.columns));
        model = from_first_rows ? kmeans::lloyd(points, first, options, host)
                                : kmeans::train(points, options, host);
    });
    std::vector<std::int32_t> labels(static_cast<std::size_t>(job.rows));
    for (std::int64_t r = 0; r < job.rows; r++) labels[points.origin[r]] = model.segment[r];
    write_labels(job, labels);
    std::printf("%.6f %.12g\n", seconds, model.inertia);
}

void run_dbscan(const Job& job, double eps, int min_points) {
    QuietHost host;
    dbscan::Model model;
    const double seconds = least_seconds([&] {
        model = dbscan::train(job.table, job.columns, {eps, min_points, job.threads}, host);
    });
    write_labels(job, {model.segment.begin(), model.segment.end()});
    std::printf("%.6f %d\n", seconds, model.segments());
}

}  // namespace

int main(int count, char** words) {
    if (count < 7) return 2;
    const std::string what = words[1];
    Job job{words[2], {}, std::atoll(words[3]), std::atoi(words[4]), std::atoi(words[5])};
    job.table.resize(static_cast<std::size_t>(job.rows * job.columns));
    std::ifstream(job.file, std::ios::binary)
        .read(reinterpret_cast<char*>(job.table.data()),
              static_cast<std::streamsize>(job.table.size() * sizeof(double)));
    if (what == "dbscan")
        run_dbscan(job, std::atof(words[6]), std::atoi(words[7]));
    else
        run_kmeans(job, what == "lloyd", std::atoi(words[6]), count > 7 ? std::atoi(words[7]) : 0);
}
