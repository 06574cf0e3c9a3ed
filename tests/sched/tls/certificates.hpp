// Certificates and keys of tests, printed by make_certificates.sh. The keys are published here:
// they protect nothing.
#pragma once

namespace rehearsal::tls {

inline constexpr const char* authority_certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBaDCCAQ6gAwIBAgIUDpHxrkbBN/XpoGYUCNfGXyELFf8wCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNNzAwMTAxMDAwMDAwWhgPOTk5\n"
    "OTEyMzEyMzU5NTlaMBkxFzAVBgNVBAMMDlRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI\n"
    "zj0CAQYIKoZIzj0DAQcDQgAEqO7UJa+VAGrJ1ZUmyRN4WvIe8eCHbCEcd1KdgetL\n"
    "lgootAzzi/9DafGoORljveuKluix8MuaJQGyHsjah1kq56MyMDAwDwYDVR0TAQH/\n"
    "BAUwAwEB/zAdBgNVHQ4EFgQUAaKnw3ozsbpkNP+5owG32jsxrq0wCgYIKoZIzj0E\n"
    "AwIDSAAwRQIgLJVSa5+yrt603DQvxv9Natyn3vaSF/EAVH+iwWR30qgCIQCwK6YF\n"
    "xTOdJtDrXZZsRMjHQhpKsjWSGEV0NDWloVygFw==\n"
    "-----END CERTIFICATE-----\n";

inline constexpr const char* stranger_certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBbTCCARSgAwIBAgIUBgbYABmBhFwRnzANlA/2aj9i/1UwCgYIKoZIzj0EAwIw\n"
    "HDEaMBgGA1UEAwwRQW5vdGhlciBhdXRob3JpdHkwIBcNNzAwMTAxMDAwMDAwWhgP\n"
    "OTk5OTEyMzEyMzU5NTlaMBwxGjAYBgNVBAMMEUFub3RoZXIgYXV0aG9yaXR5MFkw\n"
    "EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE3nD6o0c/E4ih+2kUMs+BBPaa8FR2mcBL\n"
    "HvP475BMjlArDxI21hVlM5q2gCtoZarq8/dojnqpbj18IPsocCLn96MyMDAwDwYD\n"
    "VR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQU8H1QPniMDvAq0sNwJ7pf+VxjSeowCgYI\n"
    "KoZIzj0EAwIDRwAwRAIgdzWxfD+B7AT/IxI3Z8CyrsY7LZyAa7hjjInxBUAi+vwC\n"
    "IAqBh4UrQFtyus81lho46K7LceYf811lb1Uv6cOe11/I\n"
    "-----END CERTIFICATE-----\n";

inline constexpr const char* server_certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBlDCCATqgAwIBAgIUYdRqhBj2nF2U31w10F+EJ+Vt+9wwCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNNzAwMTAxMDAwMDAwWhgPOTk5\n"
    "OTEyMzEyMzU5NTlaMBExDzANBgNVBAMMBnNlcnZlcjBZMBMGByqGSM49AgEGCCqG\n"
    "SM49AwEHA0IABFyphx5BVOn6UV/JAJl0jebtLRZKbCIcIvalV4mSF13eUMIbArLi\n"
    "k0H1I0fm5YRC3sIRNKMqjUvMZHhj30fStryjZjBkMCIGA1UdEQQbMBmCBnNlcnZl\n"
    "coIJbG9jYWxob3N0hwR/AAABMB0GA1UdDgQWBBS7g2KQeD6vkW1Q/5dFsu0vPRxv\n"
    "2DAfBgNVHSMEGDAWgBQBoqfDejOxumQ0/7mjAbfaOzGurTAKBggqhkjOPQQDAgNI\n"
    "ADBFAiEAui2PUbSV8i/jBAkFAb02RDmwOOnW/4XZ/Oi5H6MXMcICIEXAeFtBcOQx\n"
    "GWGjFJ9qBC3I/q4daHCMGGal9S1l1cBZ\n"
    "-----END CERTIFICATE-----\n";

inline constexpr const char* server_key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgbnRT09QMP6oGHg/z\n"
    "cIWZEb+hDJvVcC5diBK+SCaRxHyhRANCAARcqYceQVTp+lFfyQCZdI3m7S0WSmwi\n"
    "HCL2pVeJkhdd3lDCGwKy4pNB9SNH5uWEQt7CETSjKo1LzGR4Y99H0ra8\n"
    "-----END PRIVATE KEY-----\n";

inline constexpr const char* old_certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBkzCCATigAwIBAgIUYQEN31IzHrXMWmpty0s3BnVg9G0wCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwHhcNNzAwMTAxMDAwMDAwWhcNNzEw\n"
    "MTAxMDAwMDAwWjARMQ8wDQYDVQQDDAZzZXJ2ZXIwWTATBgcqhkjOPQIBBggqhkjO\n"
    "PQMBBwNCAARcqYceQVTp+lFfyQCZdI3m7S0WSmwiHCL2pVeJkhdd3lDCGwKy4pNB\n"
    "9SNH5uWEQt7CETSjKo1LzGR4Y99H0ra8o2YwZDAiBgNVHREEGzAZggZzZXJ2ZXKC\n"
    "CWxvY2FsaG9zdIcEfwAAATAdBgNVHQ4EFgQUu4NikHg+r5FtUP+XRbLtLz0cb9gw\n"
    "HwYDVR0jBBgwFoAUAaKnw3ozsbpkNP+5owG32jsxrq0wCgYIKoZIzj0EAwIDSQAw\n"
    "RgIhAMB7MolNu+poSzF77dzvDZmEPAmTp9yISJ4nqGUtunpbAiEAqjcQrt+54X1k\n"
    "MPLszF4U6oWLmPouZKifOxzThDl3OuE=\n"
    "-----END CERTIFICATE-----\n";

inline constexpr const char* chain_certificates =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBmjCCAUGgAwIBAgIUXp43l868iGCDTXRgDbvg7gl68vswCgYIKoZIzj0EAwIw\n"
    "IDEeMBwGA1UEAwwVVGVzdCBtaWRkbGUgYXV0aG9yaXR5MCAXDTcwMDEwMTAwMDAw\n"
    "MFoYDzk5OTkxMjMxMjM1OTU5WjARMQ8wDQYDVQQDDAZzZXJ2ZXIwWTATBgcqhkjO\n"
    "PQIBBggqhkjOPQMBBwNCAARcqYceQVTp+lFfyQCZdI3m7S0WSmwiHCL2pVeJkhdd\n"
    "3lDCGwKy4pNB9SNH5uWEQt7CETSjKo1LzGR4Y99H0ra8o2YwZDAiBgNVHREEGzAZ\n"
    "ggZzZXJ2ZXKCCWxvY2FsaG9zdIcEfwAAATAdBgNVHQ4EFgQUu4NikHg+r5FtUP+X\n"
    "RbLtLz0cb9gwHwYDVR0jBBgwFoAU4JQcEh0/WswxiQ6ler+b4c/N7EUwCgYIKoZI\n"
    "zj0EAwIDRwAwRAIgV+Vk8lJtZsg4JG5TArO0Lz6DeVBfcU1S7h7NV0TFgbwCIAyW\n"
    "XRBCbOPNe8wCtb2rPokg+acuFIx4GhlPWUpzi9ky\n"
    "-----END CERTIFICATE-----\n"
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBjzCCATagAwIBAgIUJs1MQVU67ffeQvQ+HsXqdIgCDZYwCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNNzAwMTAxMDAwMDAwWhgPOTk5\n"
    "OTEyMzEyMzU5NTlaMCAxHjAcBgNVBAMMFVRlc3QgbWlkZGxlIGF1dGhvcml0eTBZ\n"
    "MBMGByqGSM49AgEGCCqGSM49AwEHA0IABIlIjKGCQlRbU7RJGUutRuZaar4Ammll\n"
    "8TXIFU82leSGmYewl1YN4bWGTpYhfHxW8tia5EZs9EPQjWqd3p/ToomjUzBRMA8G\n"
    "A1UdEwEB/wQFMAMBAf8wHQYDVR0OBBYEFOCUHBIdP1rMMYkOpXq/m+HPzexFMB8G\n"
    "A1UdIwQYMBaAFAGip8N6M7G6ZDT/uaMBt9o7Ma6tMAoGCCqGSM49BAMCA0cAMEQC\n"
    "IG3LDVI7RnsDsVdfCzL7UvkRrdFWuWn6N4ykkOK2Pv5+AiAB2xRAZi2QaVAFLueq\n"
    "tsuofDH8KLWW/uma5CHrZzDtIw==\n"
    "-----END CERTIFICATE-----\n";

inline constexpr const char* rsa_certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIICXzCCAgWgAwIBAgIUZpc68oIi2ts4Q+6n9LxhmBXlQvUwCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNNzAwMTAxMDAwMDAwWhgPOTk5\n"
    "OTEyMzEyMzU5NTlaMBExDzANBgNVBAMMBnNlcnZlcjCCASIwDQYJKoZIhvcNAQEB\n"
    "BQADggEPADCCAQoCggEBALr2r+xsxcSbjAvjSqLRWv9QxsPivLFvuw0smJisyGow\n"
    "mf3d/SVsKVbZaHn8sqhR7f23jHDHlRPC82ts7759Y5bUF4Aug9a6xaYKawK/tdqw\n"
    "nB9Q3XbVV+hyxsjkk5XkDqchlJl2Ki5lR3rXFdZOu/LLnHqvZBvlGSLKGfubPAU7\n"
    "0hynIz8cTBP6MMI9UaEQPNyrcKE8D6wY82DTbDioJPYXNWvti4mU4hcq6Trqsay7\n"
    "pniS/1GYA43+QqVn/+h6McXYjpy6s6AHIa0+ezYWvbUv3Mop11fM/+5dPfMbKYYg\n"
    "G5CSb7tcX1/w1OUvgmh+vUL7zIViOwosyumPGekph/cCAwEAAaNmMGQwIgYDVR0R\n"
    "BBswGYIGc2VydmVygglsb2NhbGhvc3SHBH8AAAEwHQYDVR0OBBYEFGjc1OjNh/2e\n"
    "ALC+H3KrNqcgdYj9MB8GA1UdIwQYMBaAFAGip8N6M7G6ZDT/uaMBt9o7Ma6tMAoG\n"
    "CCqGSM49BAMCA0gAMEUCICjVMdd8CDFvtInSBLg2bEnT2ixnUPSiSURrUypMw6XL\n"
    "AiEA3ih2qa2sywZ6TV7dz0XucE8JdQDovleSo9srKcuwiNM=\n"
    "-----END CERTIFICATE-----\n";

inline constexpr const char* rsa_key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC69q/sbMXEm4wL\n"
    "40qi0Vr/UMbD4ryxb7sNLJiYrMhqMJn93f0lbClW2Wh5/LKoUe39t4xwx5UTwvNr\n"
    "bO++fWOW1BeALoPWusWmCmsCv7XasJwfUN121VfocsbI5JOV5A6nIZSZdiouZUd6\n"
    "1xXWTrvyy5x6r2Qb5Rkiyhn7mzwFO9IcpyM/HEwT+jDCPVGhEDzcq3ChPA+sGPNg\n"
    "02w4qCT2FzVr7YuJlOIXKuk66rGsu6Z4kv9RmAON/kKlZ//oejHF2I6curOgByGt\n"
    "Pns2Fr21L9zKKddXzP/uXT3zGymGIBuQkm+7XF9f8NTlL4Jofr1C+8yFYjsKLMrp\n"
    "jxnpKYf3AgMBAAECggEAI6z15dXdqQYLY6tT7xym0gg+XVuTKQKKfVmQprV1qrmq\n"
    "cMRezTjF7KIgqwJarv6vPJY9MLoMytAM9ec8GivACKRg9Z8qnhtWorfjMouVbmz7\n"
    "5YffMpFELIFWSDhBpzz0xNSGEAB5zQ+bY6fOLW4ptAtBSTHVlvMQ6FALRDUbb13m\n"
    "o3S7rd7UxpPefM/beWzQhGFEZjyXiLxkh0mznoX8k4mOqPtgZ/OZCJ6c4JakUUYq\n"
    "UBzyf52NSpjIuz1GJ8p2O0PA+DISLKCm4a7HEBGOMbhACSi5irebPCpguOmkQrMY\n"
    "KWRtNBbdevauIy8Ud3a+SI8oLs/Pg1YRg1V+PyNDmQKBgQDrUqSf3pcsXHb6dFSz\n"
    "THL00cJ4DY7RrH/SnZjebYKA1tv7AAs8rapVcGq6g/MgtDVtw4ZkOty51VnA1pXA\n"
    "1OxbDi+oNF++Ikw22V2TCxspA+HN65VwFEvKPplUXTSp9y242cVITg76X+db1z40\n"
    "7RzgirVgN9zZqQGS9Ah1HwZxOQKBgQDLZEBKuLA4+tvxO0NEtoVvE6pyZlAs7dyN\n"
    "1A+4YPt4BEnuvUajf/h9j071HY6aa31gUrjDu5AgdXxobGLqw+jFOwW9zfEYiyxD\n"
    "1sL+Zw1tGJeqopWJD/8l8vWBdtFmPTBK7/HBElkp9x5ch+of3ydSAI8z5UhpP2Z2\n"
    "+IZa/80yrwKBgQDpC9w68w7VgPDXUjO7qV9DMySbDho9bc7cvvRwexU+EQqkBcQb\n"
    "IIXKvV0FP72cyrsK7BMA2gZUB4UuY5TE9ljoSCFMPCoBOygtPZDdGaeZM94At2k0\n"
    "KPVx4hKpKPEJzd+66/fjhmJw9F9EZeKWOahaeyPqmQgfiq8jYIerrcEMiQKBgQCf\n"
    "+8VOgSOsTjZ+85ygCem/S3rA7ZWXIapgrTOIVlC3QLhe3+cWaGyvZvA2gf9Pm8lM\n"
    "4QSQgZKG1aL8CHVuMJeBvEFx4PIJ2j8BRYav0aOP8s4p3CU/YKPT194g7bMcdnjs\n"
    "GPzSX3pfNhBdvFL+qusk52e87Fce4k3YuvgD0D455QKBgF9SH0E8TNrZ79WvSKux\n"
    "eTfqTiGPU6KOqFENzYDZ+0+RNvPqgcaXelhnpGM/Xwln6X4cXaGJbaceJstF4X4a\n"
    "gsk571OjDpwstcKdzNw1kJWVcU9/Vb3sqYGki1FpFwT7sm4zntC8dKiCaouhydWM\n"
    "jHGLBDhimlopKck5Vvd/o7qy\n"
    "-----END PRIVATE KEY-----\n";

inline constexpr const char* client_certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBfTCCASOgAwIBAgIUVeke0cprD7pwm5LCBvL3C0ba+iIwCgYIKoZIzj0EAwIw\n"
    "GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNNzAwMTAxMDAwMDAwWhgPOTk5\n"
    "OTEyMzEyMzU5NTlaMBExDzANBgNVBAMMBmNsaWVudDBZMBMGByqGSM49AgEGCCqG\n"
    "SM49AwEHA0IABD6PGiWUedjWX32kUdj97JffF2F/Q+KJqwQnmfH7NfcnvYgeN9jr\n"
    "kpXuaVuNbQyBNJqFjtWNxWYYOv+vkncueoujTzBNMAsGA1UdDwQEAwIHgDAdBgNV\n"
    "HQ4EFgQUZSMEP/TwGMp2/QcUbNfN5NTU+vswHwYDVR0jBBgwFoAUAaKnw3ozsbpk\n"
    "NP+5owG32jsxrq0wCgYIKoZIzj0EAwIDSAAwRQIgbn2iTHgEQlQrWIxHTIBLN+b4\n"
    "nUfH912WshcI3RYx03kCIQCMTqsRUJeTJBGdQhPd6AH83xZJvE6rhhEWx8FteQaK\n"
    "Ww==\n"
    "-----END CERTIFICATE-----\n";

inline constexpr const char* client_key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgS4JdYc4hebsPxIMF\n"
    "aABDM6vVpVyoP2xmIkgIH85+y/uhRANCAAQ+jxollHnY1l99pFHY/eyX3xdhf0Pi\n"
    "iasEJ5nx+zX3J72IHjfY65KV7mlbjW0MgTSahY7VjcVmGDr/r5J3LnqL\n"
    "-----END PRIVATE KEY-----\n";

inline constexpr const char* locked_key =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjr69FiTeYYngICCAAw\n"
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEH/XD8oUzpFpwN/Kd6TL7JkEgZC/\n"
    "ddze0rsgdfMeoHayIBV/FsNL2tyaIgIGLzScXTScSBEcX60XajATXXzUHopebnzd\n"
    "zQr+S6Zw/WM3mHDvgzHMVEFWEWrw9dFtZIzi/YmXtHmowIumQhDjDa/DR7qHZ5zs\n"
    "uGWI6M46UiLPEHJF5NLed8IX3VAUbREj+7XGH4fGMk2RSgUNoojZXBJPasprUdE=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";

}  // namespace rehearsal::tls
