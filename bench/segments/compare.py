"""k-means and DBSCAN of the core beside scikit-learn's: bench/segments/run."""
import csv
import gzip
import os
import subprocess
import sys
import tempfile
import time
import warnings
from datetime import datetime

import numpy as np
import sklearn
from sklearn.cluster import DBSCAN, KMeans

warnings.filterwarnings("ignore")
program, threads, data = sys.argv[1], sys.argv[2], sys.argv[3]
folder = tempfile.mkdtemp()
random = np.random.default_rng(1)


def ours(what, table, *options):
    """Seconds, the number that it prints, and the labels."""
    path = os.path.join(folder, "table")
    table.astype(np.float64).tofile(path)
    rows, columns = table.shape
    words = [program, what, path, str(rows), str(columns), threads, *map(str, options)]
    seconds, number = subprocess.check_output(words).split()
    return float(seconds), float(number), np.fromfile(path + ".labels", np.int32)


def least(run):
    best = None
    for _ in range(3):
        since = time.perf_counter()
        result = run()
        seconds = time.perf_counter() - since
        if best is None or seconds < best[0]:
            best = seconds, result
    return best


def blobs(rows, columns, count, spread):
    centres = random.normal(size=(count, columns))
    return centres[random.integers(count, size=rows)] + spread * random.normal(size=(rows, columns))


def lloyd(name, table, k, iterations):
    seconds, inertia, _ = ours("lloyd", table, k, iterations)
    for kind in (np.float64, np.float32):
        own = table.astype(kind)
        for algorithm in ("lloyd", "elkan"):
            theirs, model = least(lambda: KMeans(k, init=own[:k], n_init=1, max_iter=iterations, tol=0,
                                                 algorithm=algorithm).fit(own))
            print(f"| {name} | {kind.__name__} {algorithm} | {theirs:.3f} | {seconds:.3f} | {theirs / seconds:.1f} "
                  f"| {abs(inertia - model.inertia_) / model.inertia_:.1e} |")


def psql(commands, table=None):
    return subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", "SET personalize.threads = " + threads]
                          + [word for command in commands for word in ("-c", command)],
                          input=table, check=True, text=True, capture_output=True).stdout.split()


def from_table(name, table, k, iterations):
    """train_kmeans as a whole, from columns and from an array, beside the other's Lloyd in memory. Its seeds are its own."""
    columns = [f"f{j + 1}" for j in range(table.shape[1])]
    psql(["CREATE TABLE wide (" + ", ".join(f"{column} float8" for column in columns) + ")",
          "COPY wide FROM STDIN (FORMAT csv)", "CREATE TABLE vectors AS SELECT ARRAY[" + ", ".join(columns) + "] AS f FROM wide",
          "VACUUM ANALYZE wide, vectors"], "\n".join(",".join(map(repr, row)) for row in table.tolist()))
    theirs, _ = least(lambda: KMeans(k, init=table[:k], n_init=1, max_iter=iterations, tol=0).fit(table))
    for source in ("wide", "vectors"):
        train = (f"FROM train_kmeans('{source}', NULL, {k}, scale => 'none', restarts => 1, max_iterations => {iterations}, "
                 "tolerance => 0)")
        seconds = min(float(psql([f"SELECT seconds {train}"])[0]) for _ in range(3))
        rows, _ = least(lambda: psql([f"SELECT sum({'f[1]' if source == 'vectors' else 'f1'}) FROM {source}"]))
        print(f"| {name}, {source} | {theirs:.3f} | {seconds:.3f} | {theirs / seconds:.2f} | {rows:.3f} |")
    psql(["DROP TABLE wide, vectors"])


def quality(name, table, k):
    scaled = (table - table.mean(0)) / np.where(table.std(0) > 0, table.std(0), 1)
    best = min(KMeans(k, n_init=1, random_state=seed).fit(scaled).inertia_ for seed in range(10))
    _, inertia, _ = ours("kmeans", table, k)
    print(f"| {name} | {len(table)} x {table.shape[1]} | {k} | {best:.6g} | {inertia:.6g} | {100 * (inertia / best - 1):+.3f} % |")


def same_dbscan(table, eps, mine, theirs, core):
    """Core rows and noise the same up to numbering; a border row in a segment with a core row within eps."""
    pairs = set(zip(mine[core], theirs[core]))
    if len(pairs) != len(set(mine[core])) or len(pairs) != len(set(theirs[core])):
        return False
    if not np.array_equal(mine < 0, theirs < 0):
        return False
    numbers = dict(pairs)
    cores, of_core = table[core], mine[core]
    for r in np.flatnonzero([numbers.get(m, -1) != t for m, t in zip(mine, theirs)]):
        near = ((cores[of_core == mine[r]] - table[r]) ** 2).sum(1).min()
        if near > eps * eps * (1 + 1e-9):
            return False
    return True


def dbscan(name, table, eps, min_points):
    seconds, segments, labels = ours("dbscan", table, eps, min_points)
    theirs, model = least(lambda: DBSCAN(eps=eps, min_samples=min_points, n_jobs=int(threads)).fit(table))
    core = np.zeros(len(table), bool)
    core[model.core_sample_indices_] = True
    same = same_dbscan(table, eps, labels, model.labels_, core)
    print(f"| {name} | {eps:g} | {segments:.0f} | {(labels < 0).sum()} | {theirs:.3f} | {seconds:.3f} | {theirs / seconds:.1f} "
          f"| {'same' if same else 'DIFFERENT'} |")


def number(text):
    try:
        return float(text)
    except ValueError:
        return 0.0


def read_columns(path, names):
    with open(path, newline="") as file:
        return np.array([[number(row[name]) for name in names] for row in csv.DictReader(file)])


def numeric_columns(path, skip):
    with open(path, newline="") as file:
        row = next(csv.DictReader(file))
    names = [name for name in row if name not in skip and row[name].replace(".", "", 1).isdigit()]
    return read_columns(path, names)


def recency_frequency_monetary(path):
    orders = {}
    with gzip.open(path, "rt", newline="", encoding="utf-8", errors="replace") as file:
        for row in csv.DictReader(file):
            quantity, price = float(row["Quantity"]), float(row["UnitPrice"])
            if row["CustomerID"] == "" or quantity <= 0 or price <= 0:
                continue
            day = datetime.strptime(row["InvoiceDate"], "%Y-%m-%d %H:%M:%S")
            own = orders.setdefault(row["CustomerID"], [set(), day, 0.0])
            own[0].add(row["InvoiceNo"])
            own[1] = max(own[1], day)
            own[2] += quantity * price
    end = max(own[1] for own in orders.values())
    return np.array([[(end - last).total_seconds() / 86400, len(invoices), amount]
                     for invoices, last, amount in orders.values()])


print(f"scikit-learn {sklearn.__version__}, {threads} threads each; seconds, the least of 3\n")
print("| Lloyd, k 20, 10 iterations from the same seeds | scikit-learn's | its s | s | ratio | inertia apart |\n|---|---|---|---|---|---|")
lloyd("53,424 x 64, normal", random.normal(size=(53424, 64)), 20, 10)
lloyd("1,000,000 x 16, normal", random.normal(size=(1000000, 16)), 20, 10)
lloyd("1,000,000 x 16, 30 groups", blobs(1000000, 16, 30, .7), 20, 10)
print("\n| train_kmeans from a table, k 20, 10 iterations, one start | its Lloyd s | s | ratio | a plain scan s |\n|---|---|---|---|---|")
psql(["CREATE EXTENSION personalize"])
from_table("53,424 x 64, normal", random.normal(size=(53424, 64)), 20, 10)
print("\n| DBSCAN, min_points 10 | eps | segments | noise | its s | s | ratio | labels |\n|---|---|---|---|---|---|---|---|")
groups = blobs(50000, 8, 20, .2)
dbscan("50,000 x 8, 20 groups", groups, .2, 10)
dbscan("50,000 x 8, 20 groups", groups, .4, 10)
dbscan("50,000 x 8, normal", random.normal(size=(50000, 8)), 1, 10)
dbscan("50,000 x 2, 20 groups", blobs(50000, 2, 20, .1), .02, 10)
if os.path.isdir(data):
    print("\n| real data, z-scored | | k | inertia, best of 10 runs of scikit-learn | inertia | apart |\n|---|---|---|---|---|---|")
    wholesale = numeric_columns(os.path.join(data, "wholesale", "wholesale_customers.csv"), {"Channel", "Region"})
    churn = numeric_columns(os.path.join(data, "telco_churn", "telco_churn.csv"), {"customerID"})
    customers = recency_frequency_monetary(os.path.join(data, "online_retail", "online_retail.csv.gz"))
    for name, table in (("wholesale", wholesale), ("telco_churn", churn), ("online_retail", customers)):
        for k in (3, 5, 8):
            quality(name, table, k)
