using System.Runtime.Intrinsics;

namespace WebTrainer.Learning.Kernels;

/// <summary>
/// <c>C = A·B</c> of small float32 matrices that lie in the cache, such as one head of a short text, where calling the library costs
/// more than the product.
/// </summary>
internal static unsafe class SmallProduct
{
    /// <summary>Rows that are computed together; A and C must have a multiple of it.</summary>
    public const int Together = 4;

    /// <param name="a">A's element (i, t) stands at <c>i·aRow + t·aColumn</c>, so that a transposed matrix needs no copy.</param>
    /// <param name="aRow">Elements from one row of A to the next.</param>
    /// <param name="aColumn">Elements from one column of A to the next.</param>
    /// <param name="b"><c>[inner, columns]</c></param>
    /// <param name="c"><c>[rows, columns]</c></param>
    /// <param name="rows">Of A and C, a multiple of <see cref="Together"/>.</param>
    /// <param name="inner">Columns of A, rows of B.</param>
    /// <param name="columns">A multiple of 16.</param>
    public static void Multiply(float* a, int aRow, int aColumn, float* b, float* c, int rows, int inner, int columns)
    {
        for (var i = 0; i < rows; i += Together)
        {
            var j = 0;
            for (; j + (2 * Kernel.Lanes) <= columns; j += 2 * Kernel.Lanes)
            {
                FourByTwo(a + (i * aRow), aRow, aColumn, b + j, c + (i * columns) + j, inner, columns);
            }

            if (j < columns)
            {
                FourByOne(a + (i * aRow), aRow, aColumn, b + j, c + (i * columns) + j, inner, columns);
            }
        }
    }

    private static void FourByTwo(float* a, int aRow, int aColumn, float* b, float* c, int inner, int columns)
    {
        Vector512<float> x0 = default,
            y0 = default,
            x1 = default,
            y1 = default,
            x2 = default,
            y2 = default,
            x3 = default,
            y3 = default;
        float* a1 = a + aRow,
            a2 = a1 + aRow,
            a3 = a2 + aRow;
        for (var t = 0; t < inner; t++)
        {
            Vector512<float> x = Vector512.Load(b),
                y = Vector512.Load(b + Kernel.Lanes);
            var at = t * aColumn;
            Vector512<float> s0 = Vector512.Create(a[at]),
                s1 = Vector512.Create(a1[at]),
                s2 = Vector512.Create(a2[at]),
                s3 = Vector512.Create(a3[at]);
            (x0, y0) = (Vector512.FusedMultiplyAdd(s0, x, x0), Vector512.FusedMultiplyAdd(s0, y, y0));
            (x1, y1) = (Vector512.FusedMultiplyAdd(s1, x, x1), Vector512.FusedMultiplyAdd(s1, y, y1));
            (x2, y2) = (Vector512.FusedMultiplyAdd(s2, x, x2), Vector512.FusedMultiplyAdd(s2, y, y2));
            (x3, y3) = (Vector512.FusedMultiplyAdd(s3, x, x3), Vector512.FusedMultiplyAdd(s3, y, y3));
            b += columns;
        }

        x0.Store(c);
        y0.Store(c + Kernel.Lanes);
        x1.Store(c + columns);
        y1.Store(c + columns + Kernel.Lanes);
        x2.Store(c + (2 * columns));
        y2.Store(c + (2 * columns) + Kernel.Lanes);
        x3.Store(c + (3 * columns));
        y3.Store(c + (3 * columns) + Kernel.Lanes);
    }

    private static void FourByOne(float* a, int aRow, int aColumn, float* b, float* c, int inner, int columns)
    {
        Vector512<float> x0 = default,
            x1 = default,
            x2 = default,
            x3 = default;
        float* a1 = a + aRow,
            a2 = a1 + aRow,
            a3 = a2 + aRow;
        for (var t = 0; t < inner; t++)
        {
            var x = Vector512.Load(b);
            var at = t * aColumn;
            x0 = Vector512.FusedMultiplyAdd(Vector512.Create(a[at]), x, x0);
            x1 = Vector512.FusedMultiplyAdd(Vector512.Create(a1[at]), x, x1);
            x2 = Vector512.FusedMultiplyAdd(Vector512.Create(a2[at]), x, x2);
            x3 = Vector512.FusedMultiplyAdd(Vector512.Create(a3[at]), x, x3);
            b += columns;
        }

        x0.Store(c);
        x1.Store(c + columns);
        x2.Store(c + (2 * columns));
        x3.Store(c + (3 * columns));
    }
}
