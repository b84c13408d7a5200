/* For test_faults.py: the time of day is as many seconds ahead as the file CLOCK_AHEAD says. The clock that only tells how
   much time has passed goes on, as it does where somebody sets the time. (libfaketime cannot: it breaks Python's sleep.) */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    long seconds = 0;
    int failed = syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_REALTIME && !failed) {
        FILE *ahead = fopen(getenv("CLOCK_AHEAD"), "r");
        if (ahead) {
            if (fscanf(ahead, "%ld", &seconds) == 1) now->tv_sec += seconds;
            fclose(ahead);
        }
    }
    return failed;
}
