/* Keeps the static binary from loading the system's modules for names (libnss_*.so).
 *
 * glibc's getaddrinfo knows /etc/hosts and DNS by itself; for whatever else /etc/nsswitch.conf names (mdns4_minimal,
 * resolve, myhostname ...) it loads a library, and with it the system's own glibc. In a static program that is another
 * glibc than its own, and where the two are of different versions the program is ended by an assertion. With this in
 * the place of glibc's loader (ld --wrap) such a module counts as one that is not installed, and the next one is asked. */
#include <stddef.h>

void *__wrap___libc_dlopen_mode(const char *name, int mode)
{
    (void)name, (void)mode;
    return NULL;
}
