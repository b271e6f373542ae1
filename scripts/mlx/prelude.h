/*
 * Included ahead of every file of mlx-c on Linux, and ahead of its headers when the bindings are made. It brings what
 * they expect of the platforms they are written for, and has every object refer to `cblas_sgemm`, so that the linker
 * keeps the library that forwards it (blas.c) ahead of MLX's own. `retain` is what keeps the reference: rustc has the
 * linker throw away sections that nothing refers to, and with them went the library.
 */
#pragma once

#include <stdint.h>

/* mlx-c declares its 16-bit accessors on ARM only; mlx-rs needs their symbols everywhere. */
#if !defined(__aarch64__)
#define HAS_FLOAT16
#define HAS_BFLOAT16
typedef uint16_t float16_t;
typedef uint16_t bfloat16_t;
#endif

#ifdef __cplusplus

extern "C" void cblas_sgemm();
__attribute__((used, retain)) static void *patina_keeps_blas = reinterpret_cast<void *>(&cblas_sgemm);

#if __has_include(<format>)
#include <format>
#else
/* GCC before 13 has no <format>. mlx-c writes error messages with it, with nothing but `{}` in them. */
#include <sstream>
#include <string>
#include <string_view>
namespace std {
inline void patina_format(ostringstream &out, string_view pattern) { out << pattern; }
template <typename First, typename... Rest>
void patina_format(ostringstream &out, string_view pattern, const First &first, const Rest &...rest) {
  auto hole = pattern.find("{}");
  out << pattern.substr(0, hole);
  if (hole == string_view::npos) return;
  out << first;
  patina_format(out, pattern.substr(hole + 2), rest...);
}
template <typename... Values>
string format(string_view pattern, const Values &...values) {
  ostringstream out;
  patina_format(out, pattern, values...);
  return out.str();
}
} // namespace std
#endif

#endif
