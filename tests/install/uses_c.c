/* The C header is plain C11, and a C program links the library. */
#include <stdio.h>
#include <string.h>

#include "kinesink/kinesink.h"

int main(void) {
  kinesink_error* error = NULL;
  kinesink_options* options = kinesink_options_new();
  if (options == NULL || strlen(kinesink_version()) == 0) return 1;
  if (kinesink_options_set(options, "no such option", "1", &error) != KINESINK_INVALID_ARGUMENT) {
    fprintf(stderr, "an unknown option was not refused\n");
    return 1;
  }
  if (strlen(kinesink_error_message(error)) == 0) return 1;
  kinesink_error_release(error);
  kinesink_options_release(options);
  return 0;
}
