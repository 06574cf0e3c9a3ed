// Certificates and keys of tests, printed by make_certificates.sh. The keys are published here:
// they protect nothing.
#pragma once

namespace rehearsal::tls {

inline constexpr const char* authority_certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBZzCCAQ6gAwIBAgIUMJN4GY947Lr4hvUPzpDGlLKOHuEwCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNNzAwMTAxMDAwMDAwWhgPOTk5\n"
    "OTEyMzEyMzU5NTlaMBkxFzAVBgNVBAMMDlRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI\n"
    "zj0CAQYIKoZIzj0DAQcDQgAECw1aPInCL6hkPJ1OdeUCbI6PRAgT3JzYbT9zvVyG\n"
    "4E34A0ZPqzLsHPyWtSw0nu3iZcSLjbgY9VrMvVH5GJsNcaMyMDAwDwYDVR0TAQH/\n"
    "BAUwAwEB/zAdBgNVHQ4EFgQUN9l/UKH3i3jblv7Sj7Afru30pTUwCgYIKoZIzj0E\n"
    "AwIDRwAwRAIgTyDf4m3xIXgYNn5VvO0j2ljmA7WA5bpAcqF8y4qfNNsCIEENB7Iw\n"
    "wFQCy2Mbn7X+bFyPyYwtsUNRARoCXk4aD7tU\n"
    "-----END CERTIFICATE-----\n";

inline constexpr const char* stranger_certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBbzCCARSgAwIBAgIURg9QV/NMUrmBsZh9X6fuygDPoBgwCgYIKoZIzj0EAwIw\n"
    "HDEaMBgGA1UEAwwRQW5vdGhlciBhdXRob3JpdHkwIBcNNzAwMTAxMDAwMDAwWhgP\n"
    "OTk5OTEyMzEyMzU5NTlaMBwxGjAYBgNVBAMMEUFub3RoZXIgYXV0aG9yaXR5MFkw\n"
    "EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEllkcEtLI/aAzsNtobqGv6y4mzxsF7GS8\n"
    "ZS7hFx38fak56r7Uy87T4fWsdHklVIIyqAiC3eMttJEp2edaVS7LfKMyMDAwDwYD\n"
    "VR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUBGLqlRIIY0qIsGUbmAPllzoo1ygwCgYI\n"
    "KoZIzj0EAwIDSQAwRgIhAIsDXgPmtvK/5GcuFdRLU5ejwWR+5hbaeCX89Xsq91ed\n"
    "AiEAhWeX981UorlcrjpBNJQDRzWIbzXsNrXrwngcaMsMhYE=\n"
    "-----END CERTIFICATE-----\n";

inline constexpr const char* server_certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBkzCCATqgAwIBAgIUKAlxD97FIdgTBpgYSsSH6/mdD2EwCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNNzAwMTAxMDAwMDAwWhgPOTk5\n"
    "OTEyMzEyMzU5NTlaMBExDzANBgNVBAMMBnNlcnZlcjBZMBMGByqGSM49AgEGCCqG\n"
    "SM49AwEHA0IABBzdJcH5q+gqJaemZAFV1KaauHtv0UReh04dRo9TWxpNwDtM3zHx\n"
    "XmtyYg/FMx7cg7wRP9FQNUUjy/+fA9y2PYejZjBkMCIGA1UdEQQbMBmCBnNlcnZl\n"
    "coIJbG9jYWxob3N0hwR/AAABMB0GA1UdDgQWBBSpfXjw/lJM3BWO+QHN+TQ+wNhf\n"
    "4jAfBgNVHSMEGDAWgBQ32X9QofeLeNuW/tKPsB+u7fSlNTAKBggqhkjOPQQDAgNH\n"
    "ADBEAiAEA3K0B4Jm5zs0gIoAGZv0YJPNGOxcUV01Kt/sryLoewIgAwmjGPlJKok3\n"
    "YJ0FrsvhgWmRnwm5pHkuhQxSxFnBn1Q=\n"
    "-----END CERTIFICATE-----\n";

inline constexpr const char* server_key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgyQ2c1mARqK6u8w7D\n"
    "MXOAT/yCIFagh8t2SSZHzmGKyz2hRANCAAQc3SXB+avoKiWnpmQBVdSmmrh7b9FE\n"
    "XodOHUaPU1saTcA7TN8x8V5rcmIPxTMe3IO8ET/RUDVFI8v/nwPctj2H\n"
    "-----END PRIVATE KEY-----\n";

inline constexpr const char* old_certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBkzCCATigAwIBAgIUJaPM+/K6ZIJDge6n/BsKQm/YcWswCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwHhcNNzAwMTAxMDAwMDAwWhcNNzEw\n"
    "MTAxMDAwMDAwWjARMQ8wDQYDVQQDDAZzZXJ2ZXIwWTATBgcqhkjOPQIBBggqhkjO\n"
    "PQMBBwNCAAQc3SXB+avoKiWnpmQBVdSmmrh7b9FEXodOHUaPU1saTcA7TN8x8V5r\n"
    "cmIPxTMe3IO8ET/RUDVFI8v/nwPctj2Ho2YwZDAiBgNVHREEGzAZggZzZXJ2ZXKC\n"
    "CWxvY2FsaG9zdIcEfwAAATAdBgNVHQ4EFgQUqX148P5STNwVjvkBzfk0PsDYX+Iw\n"
    "HwYDVR0jBBgwFoAUN9l/UKH3i3jblv7Sj7Afru30pTUwCgYIKoZIzj0EAwIDSQAw\n"
    "RgIhAPxnUmpZpBYK1l9/eJ88/fd9nhYiYb/jUPRs9/LHR4RZAiEAxXs28UGb/bcd\n"
    "SRSYjBUnwSvwoQrwCazABqKfafruXTg=\n"
    "-----END CERTIFICATE-----\n";

inline constexpr const char* young_certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBlDCCATqgAwIBAgIUHiDFgr6wbUtzaGGmI0i4fwlH6gkwCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNNDAwMTAxMDAwMDAwWhgPOTk5\n"
    "OTEyMzEyMzU5NTlaMBExDzANBgNVBAMMBnNlcnZlcjBZMBMGByqGSM49AgEGCCqG\n"
    "SM49AwEHA0IABBzdJcH5q+gqJaemZAFV1KaauHtv0UReh04dRo9TWxpNwDtM3zHx\n"
    "XmtyYg/FMx7cg7wRP9FQNUUjy/+fA9y2PYejZjBkMCIGA1UdEQQbMBmCBnNlcnZl\n"
    "coIJbG9jYWxob3N0hwR/AAABMB0GA1UdDgQWBBSpfXjw/lJM3BWO+QHN+TQ+wNhf\n"
    "4jAfBgNVHSMEGDAWgBQ32X9QofeLeNuW/tKPsB+u7fSlNTAKBggqhkjOPQQDAgNI\n"
    "ADBFAiEAgu4qW8LbZXYq71BELmVZfUS+bIEAYHqTYgL430SIvIkCIEtR6zVh3f46\n"
    "76JG86NigZm/lEc5ecO057ZoOwg+kqme\n"
    "-----END CERTIFICATE-----\n";

inline constexpr const char* chain_certificates =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBmjCCAUGgAwIBAgIUL6GEpCWpfRoErU2p2OW4iG37BbgwCgYIKoZIzj0EAwIw\n"
    "IDEeMBwGA1UEAwwVVGVzdCBtaWRkbGUgYXV0aG9yaXR5MCAXDTcwMDEwMTAwMDAw\n"
    "MFoYDzk5OTkxMjMxMjM1OTU5WjARMQ8wDQYDVQQDDAZzZXJ2ZXIwWTATBgcqhkjO\n"
    "PQIBBggqhkjOPQMBBwNCAAQc3SXB+avoKiWnpmQBVdSmmrh7b9FEXodOHUaPU1sa\n"
    "TcA7TN8x8V5rcmIPxTMe3IO8ET/RUDVFI8v/nwPctj2Ho2YwZDAiBgNVHREEGzAZ\n"
    "ggZzZXJ2ZXKCCWxvY2FsaG9zdIcEfwAAATAdBgNVHQ4EFgQUqX148P5STNwVjvkB\n"
    "zfk0PsDYX+IwHwYDVR0jBBgwFoAU3Aa9c2+OEx4eSUwDhL9QiI9GOw8wCgYIKoZI\n"
    "zj0EAwIDRwAwRAIgOpvCfmmgU77i+Z2rWB+E5FBcbgIu+p5gQHY2Ut91FlwCID32\n"
    "cc1wKKHQYZVkKyraEfMonpCJF109xw2Bbdkfs03R\n"
    "-----END CERTIFICATE-----\n"
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBkDCCATagAwIBAgIUMMjzR107yhDGv0x+qyOLuHcRzwIwCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNNzAwMTAxMDAwMDAwWhgPOTk5\n"
    "OTEyMzEyMzU5NTlaMCAxHjAcBgNVBAMMFVRlc3QgbWlkZGxlIGF1dGhvcml0eTBZ\n"
    "MBMGByqGSM49AgEGCCqGSM49AwEHA0IABBsvulifmD480wOrkouxRGh/W5Oi37s/\n"
    "An6eV7HFjOmBb9cbgC5iv4xlI4b951NKA7lyDlW6KWSoO8pGgnijHuejUzBRMA8G\n"
    "A1UdEwEB/wQFMAMBAf8wHQYDVR0OBBYEFNwGvXNvjhMeHklMA4S/UIiPRjsPMB8G\n"
    "A1UdIwQYMBaAFDfZf1Ch94t425b+0o+wH67t9KU1MAoGCCqGSM49BAMCA0gAMEUC\n"
    "IBQNqyfqFmPtbfhlWYFT2fOyRCITLxPBdLeEnwKpztVEAiEA5fsuwXche7c5vd6b\n"
    "E1ejXT4XLU823h0wsqoNoF0lmmA=\n"
    "-----END CERTIFICATE-----\n";

inline constexpr const char* rsa_certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIICXjCCAgWgAwIBAgIUbfOh8HL70D88fqdLcuGMYi2gXuIwCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNNzAwMTAxMDAwMDAwWhgPOTk5\n"
    "OTEyMzEyMzU5NTlaMBExDzANBgNVBAMMBnNlcnZlcjCCASIwDQYJKoZIhvcNAQEB\n"
    "BQADggEPADCCAQoCggEBALqxKtG38iNlwmgtzeEQTiPUx08MOtwrhkhVGnrO+1f+\n"
    "piQQpC6oOwoRVcQOJabqI6bIE80DLaBCIKDD3vR7R1BtwSo1YNX3411CBqOJI3tE\n"
    "Z5QbW7EcyvkG0mcbYJZ5EcAEsskM+x0TfO5+EosM04hTUjnYb9WJAblvuus3eRxZ\n"
    "o4d7wNTVRONaMrHwdsp1d6jTOyddCCM0oABNuOdgygQoQQWgH8alzTdtFc/ZFTS+\n"
    "rsejbBJJ5s+mWLiEG/x7khO3bAb24mn81I11+iHAQaYZUWr7d9kQbvE7FY4mM875\n"
    "hpFKw7tZ9k6v4z+VClNz5BizIhWNodIAj4NVdLf+hXECAwEAAaNmMGQwIgYDVR0R\n"
    "BBswGYIGc2VydmVygglsb2NhbGhvc3SHBH8AAAEwHQYDVR0OBBYEFEEeeBfSd2II\n"
    "nMlrPZzZOFmukX94MB8GA1UdIwQYMBaAFDfZf1Ch94t425b+0o+wH67t9KU1MAoG\n"
    "CCqGSM49BAMCA0cAMEQCIHklE+0G5FsxkvqIsRzdUUPu2fX+Jj+ntQbKHrJ55EM+\n"
    "AiBu2aDNs3FIACvQ67GGTqep4dluhc2yRke/++GD7exfvw==\n"
    "-----END CERTIFICATE-----\n";

inline constexpr const char* rsa_key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC6sSrRt/IjZcJo\n"
    "Lc3hEE4j1MdPDDrcK4ZIVRp6zvtX/qYkEKQuqDsKEVXEDiWm6iOmyBPNAy2gQiCg\n"
    "w970e0dQbcEqNWDV9+NdQgajiSN7RGeUG1uxHMr5BtJnG2CWeRHABLLJDPsdE3zu\n"
    "fhKLDNOIU1I52G/ViQG5b7rrN3kcWaOHe8DU1UTjWjKx8HbKdXeo0zsnXQgjNKAA\n"
    "TbjnYMoEKEEFoB/Gpc03bRXP2RU0vq7Ho2wSSebPpli4hBv8e5ITt2wG9uJp/NSN\n"
    "dfohwEGmGVFq+3fZEG7xOxWOJjPO+YaRSsO7WfZOr+M/lQpTc+QYsyIVjaHSAI+D\n"
    "VXS3/oVxAgMBAAECggEATjibC0G6F3C0crf2Uf1l8Adf9tPV+ZfW7ImTza7ZirXs\n"
    "YKIEWHQuQHqg58NRrUze4StleHmDbWkniJRo3yCj8aP60jeJOj1hqxpV88Eq96Pi\n"
    "jiCkW2IH/S0JjR/gaUuSz1RooGpq8HTQ3JBALriSDMV0Zz4zJVIBQfP5akJU4TZK\n"
    "P7QuJ21IiykKkDWm5kpQ5Mb3VQR0e/leXp8nD/Xa5fCAEdOXVMqxwAAACScSgAPd\n"
    "zYKC07kivzJZdm4ff8+MgN8eVoBbqg9/nzkb4H2JZ7sfjvkDeuZ6M7EzrPuH/0wz\n"
    "Qd9vz4igEuusqhPXjn9Nj5DNAhXBui4Nttvu8XEB7QKBgQDjuXQE4IndNO/s+xuP\n"
    "ADVJUDpVLMTLSlifcdIxBCspZdp4UomcUZ6VHP8FHeYvZhkWTratfPjrJ+TMm1eh\n"
    "jz8t6gC3EGDhIs2V9Aax3N6xOztzNs/VKam6CLqYyI3JHCZHb8zgmz/sBh11jvrX\n"
    "ushPF4RwwEQPDbKHPr8zrykVdwKBgQDR33EJ6E94WMACVaf3tHX7eDtB2Qitdv9Q\n"
    "gFWusrZJN53gsaMAC8fdSBF80l0lTidrgQrMdCU+l12GLWGG1hKOWtlxQP7eUoBK\n"
    "0KhDc+vK3FweAmrqbScFNwHNnBssAyjYWn7QKadaNrYjr68YCDFzSNqrJy/5YFFa\n"
    "LjcMrFAWVwKBgQDgY3/nwlz2ZFA54iEAooLfL7ea8Bcl/acfzWcBN4tUKnHAeAvy\n"
    "xRYO9lhvcUu8zszPh1ZH0snv5Qp1dmg94Mmvc1GrEO91R/bt2Fu0bN/eIXBuEcdu\n"
    "0rPUhP9gxtW3Ig6x+38UnsW4yznB+dZANmNkU9cDxuAJOUT+MRz0T5ea9wKBgH1c\n"
    "A/8w/lcaXAaI932kE10T4gFhDCfhDnwdTBC/utZdHDacpIpgfw+T/q4aUXz5A97Z\n"
    "A4RAVAbhDwIYlUqfEBJr/boCYrqVeQA3RmqUEWHo4jUiqI5CiK46vx77gdd2Q62H\n"
    "0Huyhb4DNCR4yhOGwVLlT4gwLh29BJrjRAqT2nqdAoGAf9O7VjwrMdXFuWOL770z\n"
    "aXFfVbV0UYp8nzupR8EFwKLpV0m1s+oHJpBgB5NYL6pe3pFhNCpgOh9NOlrLQBl/\n"
    "AUv3/fLVXWiS2pujLjV3CJPFk2tjIYQqTRqBxZvXFZDscxJmpRmIdGB+36xiDrxD\n"
    "pe5Z1e0LL3XHMzfmEuLPecw=\n"
    "-----END PRIVATE KEY-----\n";

inline constexpr const char* client_certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBfTCCASOgAwIBAgIUDErkCLwgbzShVz+0Algcxbb3li0wCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNNzAwMTAxMDAwMDAwWhgPOTk5\n"
    "OTEyMzEyMzU5NTlaMBExDzANBgNVBAMMBmNsaWVudDBZMBMGByqGSM49AgEGCCqG\n"
    "SM49AwEHA0IABEEG/LjnRmzsxUHHfHMrmgj9EnzQt26Zcqu9qwUbzjm/ULXQkVWg\n"
    "VXFPimuR+ahdSKVt3uC9AF9gDw53YrOVfMKjTzBNMAsGA1UdDwQEAwIHgDAdBgNV\n"
    "HQ4EFgQU9vaDFQH6i+VsbpCcL1kObFaouYgwHwYDVR0jBBgwFoAUN9l/UKH3i3jb\n"
    "lv7Sj7Afru30pTUwCgYIKoZIzj0EAwIDSAAwRQIhANS25x3FQCEtJH7/q5/p9lvv\n"
    "KqR+Jd4H4iIe4AoRcotzAiBM83vq73X5jEORls/pHQvAxWey64x8gBJclSuI+XzF\n"
    "MQ==\n"
    "-----END CERTIFICATE-----\n";

inline constexpr const char* client_key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+9nz2zJuGVt5OiYt\n"
    "aC2S2+Xh9+06Zj9lDTxnmxPTlAChRANCAARBBvy450Zs7MVBx3xzK5oI/RJ80Ldu\n"
    "mXKrvasFG845v1C10JFVoFVxT4prkfmoXUilbd7gvQBfYA8Od2KzlXzC\n"
    "-----END PRIVATE KEY-----\n";

inline constexpr const char* locked_key =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiClTzL3QsQ3QICCAAw\n"
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEMt6tTUDPrO+RgX1h0x7p1cEgZCT\n"
    "q+r2E5iLqHWYrImHUbTGvU9FWP4uo4plF//POnOYrxFeiu16213W5hO2xdfrh3mf\n"
    "U5MbwdUuBrk0GOBZwx840DUA6jRpc5XOgw/ndkPikGkzCFrMG2aBc5nd4HB76oaA\n"
    "OsozEMGGxbNR2vPI2HUBJRRUMK+LlAhEU3ECiPFS/G+LXcp0crU4vcQUkZTlv6M=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";

}  // namespace rehearsal::tls
