// Prints what other figures are shares of, measured on one core: the rate of a 1024 x 1024 float matrix
// product in GFLOP/s, and the rate of a memory copy in GB/s (read and written bytes together). The best of
// many, as other work on the machine only ever slows it.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <vector>

#include <Eigen/Dense>

namespace {

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <class Work>
double fastest(int times, Work&& work) {
    double best = 1e9;
    for (int i = 0; i < times; ++i) {
        const double start = cpu_seconds();
        work();
        best = std::min(best, cpu_seconds() - start);
    }
    return best;
}

}  // namespace

int main() {
    constexpr int kSize = 1024;
    const Eigen::MatrixXf a = Eigen::MatrixXf::Random(kSize, kSize),
                          b = Eigen::MatrixXf::Random(kSize, kSize);
    Eigen::MatrixXf c(kSize, kSize);
    const double product = fastest(60, [&] { c.noalias() = a * b; });

    std::vector<char> from(std::size_t{1} << 28, 1), to(from.size());
    const double copy = fastest(10, [&] { std::memcpy(to.data(), from.data(), from.size()); });

    std::printf("%.1f %.1f\n", 2.0 * kSize * kSize * kSize / product * 1e-9,
                2.0 * static_cast<double>(from.size()) / copy * 1e-9);
    return c(0, 0) == 12345.0f || to[17] != 1;  // keeps the work from being optimized away
}
