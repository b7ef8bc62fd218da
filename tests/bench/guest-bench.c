// SPDX-License-Identifier: GPL-2.0-or-later
//
// Micro-benchmarks that run inside a guest (guest-bench.py puts them there), one line a test:
// "BENCH name seconds" by the guest's own clock.
#define _GNU_SOURCE
#include <emmintrin.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now() {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static volatile uint64_t sink;

static void integer() {
    uint64_t a = 1, b = 7;
    for (long i = 0; i < 100000000; i++) {
        a = a * 6364136223846793005ull + 1442695040888963407ull;
        b ^= a >> 33;
        b += i;
        if (b & 16) b ^= 0x55;
    }
    sink = a + b;
}

static void calls() {
    extern long fib(int);
    sink = fib(34);
}

__attribute__((noinline)) long fib(int n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static void memcpyb() {
    size_t n = 8 << 20;
    char *a = malloc(n), *b = malloc(n);
    memset(a, 1, n);
    memset(b, 2, n);
    for (int i = 0; i < 60; i++) {
        memcpy(a, b, n);
        memcpy(b, a, n);
    }
    sink = a[5];
    free(a);
    free(b);
}

static void chase() {
    size_t n = 1 << 20;
    uint32_t* p = malloc(n * 4);
    for (size_t i = 0; i < n; i++)
        p[i] = i;
    uint64_t s = 88172645463325252ull;
    for (size_t i = n - 1; i > 0; i--) {
        s ^= s << 13;
        s ^= s >> 7;
        s ^= s << 17;
        size_t j = s % i;
        uint32_t t = p[i];
        p[i] = p[j];
        p[j] = t;
    }
    uint32_t x = 0;
    for (long i = 0; i < 20000000; i++)
        x = p[x];
    sink = x;
    free(p);
}

static void fp() {
    double x = 0.5, y = 0.3, s = 0;
    for (long i = 0; i < 30000000; i++) {
        x = x * 1.0000001 + y;
        y = y / 1.0000002 + 0.1 * x;
        s += x - y;
        if (x > 1e6) x = 0.5;
    }
    sink = (uint64_t)s;
}

static void sse() {
    __m128i a = _mm_set1_epi32(3), b = _mm_set1_epi32(77), c = a;
    for (long i = 0; i < 40000000; i++) {
        a = _mm_add_epi32(a, b);
        b = _mm_xor_si128(b, _mm_slli_epi32(a, 3));
        c = _mm_add_epi64(c, _mm_unpacklo_epi32(a, b));
    }
    sink = _mm_cvtsi128_si64(c);
}

static void sqrtb() {
    double s = 0;
    for (long i = 1; i < 10000000; i++)
        s += sqrt((double)i) + sin((double)i * 1e-3);
    sink = s;
}

static void sysc() {
    for (long i = 0; i < 1000000; i++)
        syscall(SYS_getppid);
}

static void forkb() {
    for (int i = 0; i < 1000; i++) {
        pid_t p = fork();
        if (!p) _exit(0);
        int st;
        waitpid(p, &st, 0);
    }
}

static void pipeb() {
    int a[2], b[2];
    pipe(a);
    pipe(b);
    char c = 0;
    if (!fork()) {
        for (int i = 0; i < 50000; i++) {
            read(a[0], &c, 1);
            write(b[1], &c, 1);
        }
        _exit(0);
    }
    for (int i = 0; i < 50000; i++) {
        write(a[1], &c, 1);
        read(b[0], &c, 1);
    }
    wait(0);
}

static void faults() {
    for (int i = 0; i < 20; i++) {
        size_t n = 16 << 20;
        char* p = mmap(0, n, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        for (size_t j = 0; j < n; j += 4096)
            p[j] = 1;
        munmap(p, n);
    }
}

static void strrep() {
    char* p = malloc(1 << 16);
    for (int i = 0; i < 20000; i++) {
        size_t n = 1 << 16;
        char* q = p;
        asm volatile("rep stosb" : "+D"(q), "+c"(n) : "a"(i) : "memory");
    }
    sink = p[3];
    free(p);
}

#define B(n, f)                                  \
    if (argc < 2 || !strcmp(argv[1], n)) {       \
        double t = now();                        \
        f();                                     \
        printf("BENCH %s %.3f\n", n, now() - t); \
        fflush(stdout);                          \
    }

int main(int argc, char** argv) {
    B("integer", integer)
    B("calls", calls) B("memcpy", memcpyb) B("chase", chase) B("fp", fp) B("sse", sse)
        B("sqrtsin", sqrtb) B("syscall", sysc) B("fork", forkb) B("pipe", pipeb) B("faults", faults)
            B("repstos", strrep) return 0;
}
